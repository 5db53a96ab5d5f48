import { type EndpointContent } from '../../domain/endpoint/endpoint-content';
import {
  isOurs,
  matchesPattern,
  MAX_MATCHED_URI_LENGTH,
  unwrapUri,
  uriPattern,
  wrapUri,
} from '../../domain/endpoint/exposed-uris';
import { type EndpointView } from './endpoint-view';
import { capabilitiesOf } from './united-capabilities';
import { sha256 } from '../../base/sha256';

export interface ViewOptions {
  searches: boolean;
  instructions: string | undefined;
  /** Single server of the endpoint: names and URIs are its own. */
  only?: string | undefined;
}

/** Indexes the content of an endpoint for fast lookups. */
export function buildView(exposure: EndpointContent, options: ViewOptions): EndpointView {
  const { tools: allTools, prompts, resources, templates } = exposure;
  const { searches, only, instructions } = options;
  const tools = searches ? allTools.filter(({ always }) => always) : allTools;
  const capabilities = capabilitiesOf(exposure);
  const toolsByName = new Map(allTools.map((tool) => [tool.name, tool]));
  const promptsByName = new Map(prompts.map((prompt) => [prompt.name, prompt]));
  const resolve = resolverOf(exposure, only);
  return {
    version: versionOf([
      allTools,
      prompts,
      resources,
      templates,
      capabilities,
      instructions,
      searches,
    ]),
    tools,
    allTools,
    prompts,
    resources,
    templates,
    capabilities,
    searches,
    ...(instructions !== undefined && { instructions }),
    tool: (name) => toolsByName.get(name),
    prompt: (name) => promptsByName.get(name),
    resolve,
    expose(server, original) {
      if (only !== undefined) return original;
      const isClear = !isOurs(original) && resolve(original)?.server === server;
      return isClear ? original : wrapUri(server, original);
    },
  };
}

/**
 * Resolves listed URIs first, then templates, the most specific one first. A URI that could belong
 * to two servers is not resolved.
 */
function resolverOf({ servers, resources, templates }: EndpointContent, only: string | undefined) {
  if (only !== undefined) return (uri: string) => ({ server: only, original: uri });
  const listed = new Map(resources.map((resource) => [resource.uri, resource]));
  const names = new Set(servers.map(({ server }) => server));
  const patterns = templates
    .map(({ server, original }) => ({ server, pattern: uriPattern(original) }))
    .sort((a, b) => b.pattern.literals - a.pattern.literals);
  return (uri: string) => {
    const found = listed.get(uri);
    if (found) return { server: found.server, original: found.original };
    if (isOurs(uri)) {
      const wrapped = unwrapUri(uri);
      return wrapped && names.has(wrapped.server) ? wrapped : undefined;
    }
    if (uri.length > MAX_MATCHED_URI_LENGTH) return undefined;
    const [best, ...others] = patterns.filter(({ pattern }) => matchesPattern(uri, pattern));
    if (!best) return undefined;
    const isUnclear = others.some(
      ({ server, pattern }) => server !== best.server && pattern.literals === best.pattern.literals,
    );
    return isUnclear ? undefined : { server: best.server, original: uri };
  };
}

function versionOf(content: unknown): string {
  return sha256(JSON.stringify(content));
}
