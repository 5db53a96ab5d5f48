import { isPathPlaceholder, placeholderIn } from '../../../domain/trust/placeholders';
import { isSecretName, splitScheme } from '../../../domain/trust/secret-values';
import { variableNameOf } from '../../references/references';
import { mapEntryTexts } from './entry-references';
import { type Say } from './entry-values';

const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/;
/** In arguments, what stands here is a part of something longer. */
const PART = /[/:=\s]/;

/**
 * An entry with references in place of what somebody was to fill in: a variable that is not set is asked for, and is set in one
 * place, whatever program the file belongs to.
 */
export function withFillIns(
  server: string,
  entry: Readonly<Record<string, unknown>>,
  say: Say,
): Record<string, unknown> {
  return mapEntryTexts(entry, (text, path) => {
    const [member, key] = path;
    if (member === 'auth' || member === 'mcpb') return text;
    const found = placeholderIn(text);
    if (found === undefined) {
      if (isPathPlaceholder(text)) say(path, `${JSON.stringify(text)} is a placeholder for a path`);
      return text;
    }
    const isWhole = !PART.test(splitScheme(text).credential) || isSecretName(String(key));
    const isNameless = found.includes('*');
    const isOwn = (member === 'env' || member === 'headers') && (isWhole || isNameless);
    const name = isOwn ? nameOf(server, member, String(key)) : variableNameOf(found);
    // A sentence, or a word of another script: nothing to make a variable of.
    if (!VARIABLE.test(name) || (isNameless && !isOwn)) return text;
    say(path, `${JSON.stringify(found)} is a placeholder: set ${name}`);
    const reference = `\${${name}}`;
    return isOwn ? splitScheme(text).scheme + reference : text.replace(found, reference);
  });
}

/** A variable is asked for by its own name; a header, which many servers have, by that of the server as well. */
function nameOf(server: string, member: string, key: string): string {
  return variableNameOf(member === 'env' ? key : `${server}_${key}`);
}
