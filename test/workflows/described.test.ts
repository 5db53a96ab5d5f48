import { described } from '../../workflows/described';
import * as messages from '../../workflows/messages';
import { grantedSignal, renewUpdate } from '../../workflows/oauth-token';

const { sessionEndSignal: _nobodyHandlesIt, ...handled } = messages;

test.each(
  [...Object.values(handled), renewUpdate, grantedSignal].map((message) => [message] as const),
)('every message is described in the Temporal UI: $type $name', (message) => {
  expect(described(message).description).toMatch(/^[A-Z].*\.$/);
});
