import { isPathPlaceholder, placeholderIn } from '../../../domain/trust/placeholders';
import { isSecretName, splitScheme } from '../../../domain/trust/secret-values';
import { variableNameOf } from '../../references/references';
import { mapEntryTexts } from './entry-references';
import { type Warn } from './entry-values';

const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/;
/** Characters that make an argument part of something longer. */
const PART = /[/:=\s]/;

/**
 * Replaces placeholders for the user to fill in by references: the user is told of a variable that is not set, and sets
 * it in one place for every program.
 */
export function withFillIns(
  server: string,
  entry: Readonly<Record<string, unknown>>,
  warn: Warn,
): Record<string, unknown> {
  return mapEntryTexts(entry, (text, path) => {
    const [member, key] = path;
    if (member === 'auth' || member === 'mcpb') return text;
    const found = placeholderIn(text);
    if (found === undefined) {
      if (isPathPlaceholder(text))
        warn(path, `${JSON.stringify(text)} is a placeholder for a path`);
      return text;
    }
    const isWhole = !PART.test(splitScheme(text).credential) || isSecretName(String(key));
    const isNameless = found.includes('*');
    const isOwn = (member === 'env' || member === 'headers') && (isWhole || isNameless);
    const name = isOwn ? nameOf(server, member, String(key)) : variableNameOf(found);
    // A sentence, or a word in another script: it has no valid variable name.
    if (!VARIABLE.test(name) || (isNameless && !isOwn)) return text;
    warn(path, `${JSON.stringify(found)} is a placeholder: set ${name}`);
    const reference = `\${${name}}`;
    return isOwn ? splitScheme(text).scheme + reference : text.replace(found, reference);
  });
}

/** Name of the variable: that of the member itself; for a header, which many servers have, with the server as prefix. */
function nameOf(server: string, member: string, key: string): string {
  return variableNameOf(member === 'env' ? key : `${server}_${key}`);
}
