import { MainspringError } from '../../base/errors';
import { type ServerSnapshot } from '../../domain/messages';
import { type ToolCatalogue, type ToolDefinition } from '../../domain/catalogue/tools';
import { unknownTool } from '../../domain/servers/unknown-name-errors';
import { type Tools } from '../servers/tools';
import { type JsonObject } from '../../base/json';

/** Arguments above this are refused before anything is sent. */
const MAX_ARGUMENT_BYTES = 1_000_000;

/** Catalogue and definition by which arguments were checked. */
export interface CheckedBy {
  catalogue: ToolCatalogue;
  definition: ToolDefinition;
}

/**
 * Checks whether Temporal can carry the arguments.
 *
 * @throws MainspringError ARGUMENTS_TOO_LARGE
 */
export function checkSize(args: JsonObject): void {
  const bytes = Buffer.byteLength(JSON.stringify(args));
  if (bytes <= MAX_ARGUMENT_BYTES) return;
  const message = `The arguments are too large: ${bytes} bytes (limit: ${MAX_ARGUMENT_BYTES}).`;
  throw new MainspringError('ARGUMENTS_TOO_LARGE', message);
}

/**
 * Checks arguments before anything is sent, against the tools that the server listed last; the host checks again if they
 * changed. Undefined when its tools are not known yet.
 *
 * @throws MainspringError ARGUMENTS_TOO_LARGE, UNKNOWN_TOOL, INVALID_ARGUMENTS
 */
export async function checkArguments(
  tools: Pick<Tools, 'catalogue'>,
  { name, ready, signed }: ServerSnapshot,
  tool: string,
  args: JsonObject,
): Promise<CheckedBy | undefined> {
  checkSize(args);
  const catalogue = await tools.catalogue(name, ready?.toolsHash);
  if (!catalogue) return undefined;
  const definition = catalogue.tools.find((known) => known.name === tool);
  if (!definition) {
    throw unknownTool(
      name,
      tool,
      catalogue.tools.map((known) => known.name),
    );
  }
  if (signed.spec.checkArguments ?? true) {
    validator ??= await loadValidator();
    checkBySchema(validator, name, definition, args);
  }
  return { catalogue, definition };
}

const loadValidator = () => import('../../domain/calls/tool-arguments.js'); // loads ajv
type Validator = Awaited<ReturnType<typeof loadValidator>>;
/** Kept after the first call: an import, even of what is loaded, costs as much as the check itself. */
let validator: Validator | undefined;

function checkBySchema(
  { validateArguments }: Validator,
  server: string,
  definition: ToolDefinition,
  args: JsonObject,
): void {
  const problem = validateArguments(definition, args);
  if (!problem) return;
  const fix = `See the schema of the tool: mainspring tools ${server} --json. If the server accepts these arguments anyway, set "checkArguments": false in its entry.`;
  throw new MainspringError('INVALID_ARGUMENTS', problem, { fix });
}
