import {
  declined,
  declinedFor,
  unanswered,
} from '../../../src/domain/calls/input-request-permission';
import { type InputRequestMethod } from '../../../src/domain/calls/input-requests';
import { type JsonObject } from '../../../src/base/json';

const URL_MODE = { mode: 'url', url: 'https://example.com' };

test.each<[InputRequestMethod, JsonObject, JsonObject, boolean]>([
  ['roots/list', {}, {}, false],
  ['roots/list', { roots: { listChanged: true } }, {}, true],
  ['sampling/createMessage', {}, {}, false],
  ['sampling/createMessage', { sampling: {} }, {}, true],
  ['sampling/createMessage', { sampling: {} }, { tools: [] }, false],
  ['sampling/createMessage', { sampling: { tools: {} } }, { tools: [] }, true],
  ['elicitation/create', {}, {}, false],
  ['elicitation/create', { elicitation: {} }, {}, true],
  ['elicitation/create', { elicitation: {} }, URL_MODE, false],
  ['elicitation/create', { elicitation: { url: {} } }, URL_MODE, true],
  ['elicitation/create', { elicitation: { url: {} } }, { mode: 'form' }, false],
  ['elicitation/create', { elicitation: { form: {}, url: {} } }, { mode: 'form' }, true],
])('%s can be asked of a client with %j, with %j: %s', (method, capabilities, params, expected) => {
  const refusal = expected ? undefined : declined(method);
  expect(declinedFor({ method, params }, capabilities)).toEqual(refusal);
});

test('answers a refusal, and silence, as the protocol defines', () => {
  expect(declined('elicitation/create')).toEqual({ result: { action: 'decline' } });
  expect(declined('roots/list')).toEqual({ result: { roots: [] } });
  expect(declined('sampling/createMessage')).toMatchObject({ error: { code: -1 } });
  expect(unanswered('elicitation/create', 'late')).toEqual({ result: { action: 'cancel' } });
  expect(unanswered('sampling/createMessage', 'late')).toEqual({
    error: { code: -1, message: 'late' },
  });
});
