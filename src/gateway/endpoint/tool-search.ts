import { type ToolIndex, toolIndex } from './tool-index';
import { CALL_TOOL, SEARCH_TOOL } from '../../domain/endpoint/endpoint-content';
import { didYouMean, nearMatches } from '../../base/nearest-names';
import { type ExposedTool, type EndpointView } from './endpoint-view';
import { isJsonObject, type Json, type JsonObject } from '../../base/json';

/** Number of tools that `search_tools` returns. */
const DEFAULT_SEARCH_RESULTS = 10;
const MAX_SEARCH_RESULTS = 50;
/** Longest query, in characters. */
const MAX_SEARCH_QUERY_LENGTH = 500;

/**
 * Meaning of a call of one of our own tools: a result, or a call of another tool, to which
 * everything applies as usual.
 */
export type SearchCall = { result: JsonObject } | { tool: ExposedTool; arguments: JsonObject };

/** The two tools that replace all others at endpoints with tool search. */
export const SEARCH_DEFINITIONS: readonly JsonObject[] = [
  {
    name: SEARCH_TOOL,
    title: 'Search tools',
    description:
      'Finds tools by what they do. Returns the name, description and input schema of the best matches.  ' +
      `Call one of them with ${CALL_TOOL}.`,
    inputSchema: {
      type: 'object',
      properties: {
        query: {
          type: 'string',
          minLength: 1,
          maxLength: MAX_SEARCH_QUERY_LENGTH,
          description: 'What the tool should do, for example "create issue"',
        },
        limit: {
          type: 'integer',
          minimum: 1,
          maximum: MAX_SEARCH_RESULTS,
          default: DEFAULT_SEARCH_RESULTS,
          description: 'Maximum number of tools to return',
        },
      },
      required: ['query'],
      additionalProperties: false,
    },
    outputSchema: {
      type: 'object',
      properties: {
        tools: { type: 'array', items: { type: 'object', required: ['name', 'inputSchema'] } },
        total: { type: 'integer', description: 'Total number of tools' },
      },
      required: ['tools', 'total'],
    },
    annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: false },
  },
  {
    name: CALL_TOOL,
    title: 'Call a tool',
    description: `Calls a tool found with ${SEARCH_TOOL} and returns its result.`,
    inputSchema: {
      type: 'object',
      properties: {
        name: { type: 'string', description: `Name of the tool as returned by ${SEARCH_TOOL}` },
        arguments: { type: 'object', description: "Arguments that match the tool's input schema" },
      },
      required: ['name'],
      additionalProperties: false,
    },
    // The called tool may be any tool.
    annotations: { readOnlyHint: false, destructiveHint: true, openWorldHint: true },
  },
];

/** Returns undefined if the name is not one of our tools at this endpoint. */
export function searchCall(
  view: EndpointView,
  name: string,
  args: JsonObject,
): SearchCall | undefined {
  if (!view.searches) return undefined;
  if (name === SEARCH_TOOL) return { result: searchResult(view, args) };
  return name === CALL_TOOL ? innerCall(view, args) : undefined;
}

function searchResult(view: EndpointView, args: JsonObject): JsonObject {
  const { query, limit = DEFAULT_SEARCH_RESULTS, ...others } = args;
  const [other] = Object.keys(others);
  if (other !== undefined) return refusal(`Unknown argument ${JSON.stringify(other)}.`);
  if (typeof query !== 'string' || query.trim() === '') {
    return refusal('"query" is missing: describe in a few words what the tool should do.');
  }
  if (query.length > MAX_SEARCH_QUERY_LENGTH) {
    return refusal(`"query" has more than ${MAX_SEARCH_QUERY_LENGTH} characters.`);
  }
  if (!Number.isInteger(limit) || Number(limit) < 1 || Number(limit) > MAX_SEARCH_RESULTS) {
    return refusal(`"limit" must be a whole number from 1 to ${MAX_SEARCH_RESULTS}.`);
  }
  const found = indexOf(view).search(query, Number(limit));
  const structuredContent = { tools: found.map(searchEntry), total: view.allTools.length };
  return {
    content: [{ type: 'text', text: JSON.stringify(structuredContent) }],
    structuredContent,
  };
}

function innerCall(view: EndpointView, { name, arguments: args = {} }: JsonObject): SearchCall {
  if (typeof name !== 'string') {
    return { result: refusal(`"name" is missing: find a tool with ${SEARCH_TOOL}.`) };
  }
  if (!isJsonObject(args)) return { result: refusal('"arguments" must be an object.') };
  const tool = view.tool(name);
  if (tool) return { tool, arguments: args };
  const near = nearMatches(
    name,
    view.allTools.map((one) => one.name),
  );
  const hint = didYouMean(near) || ` Find one with ${SEARCH_TOOL}.`;
  return { result: refusal(`There is no tool ${JSON.stringify(name)}.${hint}`) };
}

/** Returns the part of a definition that a model needs to call the tool. */
function searchEntry({ definition }: ExposedTool): JsonObject {
  const members = ['name', 'title', 'description', 'inputSchema', 'annotations'];
  return Object.fromEntries(
    members.flatMap((member): [string, Json][] => {
      const value = definition[member];
      return value === undefined ? [] : [[member, value]];
    }),
  );
}

/** Creates an error that the model reads, so that it can correct the call. */
function refusal(text: string): JsonObject {
  return { content: [{ type: 'text', text }], isError: true };
}

/** Indexes by view; each is created by the first search and freed with its view. */
const indexes = new WeakMap<EndpointView, ToolIndex<ExposedTool>>();

function indexOf(view: EndpointView): ToolIndex<ExposedTool> {
  const cached = indexes.get(view);
  if (cached) return cached;
  const index = toolIndex(view.allTools);
  indexes.set(view, index);
  return index;
}
