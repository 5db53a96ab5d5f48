import { type ClientInternals, type ListingsState } from '../../client/internal';
import { unknownProfile, unknownServer } from '../../domain/servers/unknown-name-errors';
import { EVERYTHING, expose, exposeServer } from '../../domain/endpoint/endpoint-content';
import { sha256 } from '../../base/sha256';
import { type ProfileRules } from '../../domain/endpoint/profiles';
import { type EndpointViews, type EndpointView } from './endpoint-view';
import { type Scope } from '../exchange';
import { instructionsOf } from './united-instructions';
import { buildView } from './build-view';

/** Creates the views of all endpoints, each built once per state of the servers' lists. */
export function createEndpointViews({
  listings,
  sockets,
}: Pick<ClientInternals, 'listings' | 'sockets'>): EndpointViews {
  const stop = sockets.onNotice((notice) => {
    if (notice.type === 'listed') listings.noticed(notice.server);
  });
  let builtFor: ListingsState | undefined;
  let views = new Map<string, EndpointView>();
  return {
    async view(scope) {
      const state = await listings.current();
      if (state !== builtFor) views = new Map();
      builtFor = state;
      const key = scope.kind === 'all' ? 'all' : `${scope.kind} ${scope.name}`;
      const cached = views.get(key);
      if (cached) return cached;
      const view = build(scope, state);
      views.set(key, view);
      return view;
    },
    onChange: (listener) => listings.onChange(listener),
    close() {
      stop();
      listings.close();
    },
  };
}

function build(scope: Scope, state: ListingsState): EndpointView {
  if (scope.kind === 'server') return serverView(scope.name, state);
  const rules = scope.kind === 'all' ? EVERYTHING : profileNamed(scope.name, state);
  const { search = false, systemPrompt } = rules;
  const exposure = expose(state.servers, rules, sha256);
  return buildView(exposure, {
    searches: search !== false,
    instructions: systemPrompt ?? instructionsOf(exposure.servers),
  });
}

function serverView(name: string, { servers }: ListingsState): EndpointView {
  const listing = servers.find(({ server }) => server === name);
  if (!listing)
    throw unknownServer(
      name,
      servers.map(({ server }) => server),
    );
  return buildView(exposeServer(listing), {
    searches: false,
    only: name,
    instructions: listing.offer?.instructions,
  });
}

function profileNamed(name: string, { profiles }: ListingsState): ProfileRules {
  const profile = Object.hasOwn(profiles, name) ? profiles[name] : undefined;
  if (!profile) throw unknownProfile(name, Object.keys(profiles));
  return profile;
}
