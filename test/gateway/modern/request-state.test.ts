import { answersOf, inputRequired } from '../../../src/gateway/modern/input-required';
import {
  createStateSeal,
  type RequestState,
  type StateOwner,
} from '../../../src/gateway/modern/request-state';
import { type InputRequest } from '../../../src/domain/calls/input-requests';

const seal = createStateSeal(Buffer.alloc(32, 1));
const state: RequestState = {
  callId: 'call/tiny/1',
  asks: { '1': { askId: 'ask/call/tiny/1/1', method: 'elicitation/create' } },
  answered: [],
  expiresAtMs: 2_000,
};
const owner: StateOwner = {
  principal: 'key:one',
  scope: { kind: 'all' },
  method: 'tools/call',
  params: { name: 'a', arguments: { x: 1, y: 2 } },
};

describe('a sealed state', () => {
  const text = seal.seal(state, owner);

  it('opens for its owner, in any process that has the key', () => {
    const params = { arguments: { y: 2, x: 1 }, name: 'a' }; // another order is the same request
    const other = createStateSeal(Buffer.alloc(32, 1));
    expect(other.open(text, { ...owner, params }, 1_000)).toEqual(state);
  });

  it('shows nothing of itself, and differs each time', () => {
    expect(Buffer.from(text, 'base64url').toString('latin1')).not.toContain('tiny');
    expect(seal.seal(state, owner)).not.toBe(text);
  });

  const swap = (at: number) =>
    text.slice(0, at) + (text[at] === 'A' ? 'B' : 'A') + text.slice(at + 1);
  it.each([
    ['another principal', text, { ...owner, principal: 'key:two' }, 'does not belong'],
    ['another endpoint', text, { ...owner, scope: { kind: 'server', name: 'a' } }, 'not belong'],
    ['another method', text, { ...owner, method: 'prompts/get' }, 'does not belong'],
    ['other arguments', text, { ...owner, params: { name: 'a' } }, 'does not belong'],
    ['its first byte changed', swap(0), owner, 'does not belong'],
    ['a byte in the middle changed', swap(40), owner, 'does not belong'],
    ['its end cut off', text.slice(0, -8), owner, 'does not belong'],
    ['something added', `${text}AAAA`, owner, 'does not belong'],
    ['nothing', '', owner, 'does not belong'],
    ['no text', 7, owner, 'does not belong'],
    ['nonsense', '!'.repeat(100), owner, 'does not belong'],
  ] as const)('refuses %s', (_what, given, by, why) => {
    expect(() => seal.open(given, by, 1_000)).toThrow(why);
  });

  it('does not even look at very much nonsense', () => {
    expect(() => seal.open('A'.repeat(1_000_000), owner, 1_000)).toThrow('does not belong');
  });

  it('refuses another key, and what has expired', () => {
    const other = createStateSeal(Buffer.alloc(32, 2));
    expect(() => other.open(text, owner, 1_000)).toThrow('does not belong');
    expect(() => seal.open(text, owner, 2_000)).toThrow('has expired');
  });
});

const ask = (number: number, more: Partial<InputRequest> = {}): InputRequest => ({
  ...{ askId: `ask/call/tiny/1/${number}`, callId: 'call/tiny/1', server: 'tiny' },
  ...{ method: 'elicitation/create', params: { message: `${number}?` } },
  ...{ createdAtMs: 1_000, timeoutMs: 500, ...more },
});

describe('what is asked', () => {
  it('is told apart by its number, or by the name that the server gave it', () => {
    const asks = [ask(1), ask(2, { key: 'city' }), ask(3, { key: 'city', createdAtMs: 5_000 })];
    const { inputRequests, state: made } = inputRequired('call/tiny/1', asks, ['before']);
    expect(inputRequests).toEqual({
      '1': { method: 'elicitation/create', params: { message: '1?' } },
      city: { method: 'elicitation/create', params: { message: '2?' } },
      '3': { method: 'elicitation/create', params: { message: '3?' } },
    });
    expect(made).toEqual({
      callId: 'call/tiny/1',
      asks: {
        '1': { askId: 'ask/call/tiny/1/1', method: 'elicitation/create' },
        city: { askId: 'ask/call/tiny/1/2', method: 'elicitation/create' },
        '3': { askId: 'ask/call/tiny/1/3', method: 'elicitation/create' },
      },
      answered: ['before'],
      expiresAtMs: 65_500,
    });
  });
});

describe('the answers that a client brings', () => {
  const { state: asked } = inputRequired('c', [ask(1), ask(2, { method: 'roots/list' })], []);
  const accepted = { action: 'accept', content: {} };

  it.each([
    ['none', undefined, []],
    ['to something else', { other: accepted }, []],
    ['one', { '1': accepted, x: 1 }, [{ askId: 'ask/call/tiny/1/1', result: accepted }]],
  ])('%s', (_what, responses, answers) => {
    expect(answersOf(asked, responses)).toEqual(answers);
  });

  it.each([
    ['a list', []],
    ['a text', 'yes'],
    ['an answer that is no object', { '1': 'yes' }],
    ['an answer to another method', { '1': { roots: [] } }],
    ['no list of roots', { '2': { roots: 'none' } }],
  ])('refuses %s', (_what, responses) => {
    expect(() => answersOf(asked, responses)).toThrow('inputResponses');
  });
});
