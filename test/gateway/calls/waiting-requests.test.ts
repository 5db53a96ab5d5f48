import {
  type InputRequest,
  type InputResponse,
  type ClientInputRequest,
} from '../../../src/domain/calls/input-requests';
import { type Exchange } from '../../../src/gateway/exchange';
import { WaitingRequests } from '../../../src/gateway/calls/waiting-requests';

const CALL = 'call/tiny/1';
const ANSWER: InputResponse = { result: { action: 'accept' } };

const input = (number: number, session?: string): ClientInputRequest => ({
  askId: `ask/${CALL}/${number}`,
  callId: CALL,
  server: 'tiny',
  method: 'elicitation/create',
  params: { message: `question ${number}` },
  createdAtMs: 0,
  timeoutMs: 60_000,
  origin: { gateway: 'here', capabilities: { elicitation: {} }, ...(session && { session }) },
  principal: 'somebody',
});

function exchange(answer: Promise<InputResponse> = new Promise(() => undefined)) {
  const asked: string[] = [];
  const made: Exchange = {
    caller: { principal: 'somebody', scope: { kind: 'all' }, era: 'modern', capabilities: {} },
    requestId: 1,
    meta: {},
    signal: new AbortController().signal,
    notify: () => undefined,
    requestInput: (ask: InputRequest) => {
      asked.push(ask.askId);
      return answer;
    },
  };
  return { made, asked };
}

const nobody = async () => undefined;
const never = new AbortController().signal;

describe('what a server asks in the middle of a call', () => {
  test('is put to the request that waits for it, whose answer counts', async () => {
    const live = new WaitingRequests(nobody);
    const { made, asked } = exchange(Promise.resolve(ANSWER));
    live.attach(CALL, made);
    await expect(live.requestInput(input(1), never)).resolves.toEqual(ANSWER);
    expect(asked).toEqual(['ask/call/tiny/1/1']);
  });

  test('waits for a request that comes later', async () => {
    const live = new WaitingRequests(nobody);
    const answer = live.requestInput(input(1), never);
    const { made, asked } = exchange(Promise.resolve(ANSWER));
    live.attach(CALL, made);
    await expect(answer).resolves.toEqual(ANSWER);
    expect(asked).toHaveLength(1);
  });

  test('is put again to the request after one that has ended without an answer', async () => {
    const live = new WaitingRequests(nobody);
    const first = exchange();
    const second = exchange(Promise.resolve(ANSWER));
    const detach = live.attach(CALL, first.made);
    const answers = [live.requestInput(input(1), never), live.requestInput(input(2), never)];
    detach();
    expect(live.answer('ask/call/tiny/1/1', { result: { action: 'decline' } })).toBe(true);
    await expect(answers[0]).resolves.toEqual({ result: { action: 'decline' } });
    live.attach(CALL, second.made);
    await expect(answers[1]).resolves.toEqual(ANSWER);
    expect([first.asked, second.asked]).toEqual([
      ['ask/call/tiny/1/1', 'ask/call/tiny/1/2'],
      ['ask/call/tiny/1/2'],
    ]);
  });

  test('goes over the session of a legacy client without a request here', async () => {
    const live = new WaitingRequests(async (session) => (session === 'mine' ? ANSWER : undefined));
    await expect(live.requestInput(input(1, 'mine'), never)).resolves.toEqual(ANSWER);
  });

  test('ends when nobody waits for the answer any more, and leaves nothing', async () => {
    const live = new WaitingRequests(nobody);
    const over = new AbortController();
    const answer = live.requestInput(input(1), over.signal);
    over.abort();
    await expect(answer).rejects.toThrow('the request has ended');
    expect(live.answer('ask/call/tiny/1/1', ANSWER)).toBe(false);
  });

  test('the end of an older request does not cut off the newer one', () => {
    const live = new WaitingRequests(nobody);
    const heard: string[] = [];
    const newer = { ...exchange().made, notify: (method: string) => void heard.push(method) };
    const detach = live.attach(CALL, exchange().made);
    live.attach(CALL, newer);
    detach();
    live.notify(CALL, 'notifications/message', {});
    live.notify('call/tiny/2', 'notifications/message', {});
    expect(heard).toEqual(['notifications/message']);
    expect([live.hasNotified(CALL), live.hasNotified('call/tiny/2')]).toEqual([true, false]);
  });

  test('said before the id of the call is known, is heard by the request that comes for it', () => {
    const live = new WaitingRequests(nobody);
    const heard: unknown[] = [];
    live.notify(CALL, 'notifications/progress', { progress: 0 });
    const late = {
      ...exchange().made,
      notify: (_method: string, said: object) => heard.push(said),
    };
    live.attach(CALL, late);
    live.notify(CALL, 'notifications/progress', { progress: 1 });
    expect(heard).toEqual([{ progress: 0 }, { progress: 1 }]);
    expect(live.hasNotified(CALL)).toBe(true);
  });
});
