// Calls a tool twice with one key and checks that it ran once. Start the servers first: npm start. Then:
//   node examples/durable-call.js
const assert = require('node:assert/strict');
const { randomUUID } = require('node:crypto');
const { MainspringClient } = require('..');

async function main() {
  const mainspring = await MainspringClient.connect();
  try {
    const submit = (idempotencyKey, args) =>
      mainspring.callTool('everything', 'get-sum', args, { idempotencyKey });

    const key = randomUUID();
    const first = await submit(key, { a: 2, b: 3 });
    const second = await submit(key, { a: 2, b: 3 });
    assert.equal(first.outcome, 'ok');
    assert.equal(second.callId, first.callId, 'the same key is the same call');
    assert.deepEqual(second.result, first.result, 'and has the stored result');

    const other = await submit(key, { a: 20, b: 22 });
    assert.equal(other.outcome, 'failed', 'a key belongs to one tool and its arguments');
    assert.equal(other.error?.code, 'IDEMPOTENCY_CONFLICT');

    console.log(`${first.result.content[0].text} Ran once: ${first.callId}`);
  } finally {
    await mainspring.close();
  }
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
