/** Pattern that is not matched. The message gives the reason. */
export class UnsupportedPattern extends Error {
  override readonly name = 'UnsupportedPattern';

  constructor(
    message: string,
    /** `invalid`: no engine could match it. */
    readonly kind: 'invalid' | 'unsupported' = 'unsupported',
  ) {
    super(message);
  }
}

// ECMA-262, WhiteSpace and LineTerminator; RE2 knows only those of ASCII.
const SPACE = String.raw`\t-\r \x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}\x{feff}`;
const NOT_SPACE = String.raw`\x{0}-\x{8}\x{e}-\x{1f}!-\x{9f}\x{a1}-\x{167f}\x{1681}-\x{1fff}\x{200b}-\x{2027}\x{202a}-\x{202e}\x{2030}-\x{205e}\x{2060}-\x{2fff}\x{3001}-\x{fefe}\x{ff00}-\x{10ffff}`;
const NOT_LINE_END = String.raw`[^\n\r\x{2028}\x{2029}]`;
const ANYTHING = String.raw`[\x{0}-\x{10ffff}]`;
const NOTHING = String.raw`[^\x{0}-\x{10ffff}]`;

/** Names of general categories, with the names that RE2 knows. */
const CATEGORIES = new Map([
  ['Letter', 'L'],
  ['Lowercase_Letter', 'Ll'],
  ['Uppercase_Letter', 'Lu'],
  ['Mark', 'M'],
  ['Number', 'N'],
  ['Decimal_Number', 'Nd'],
  ['Punctuation', 'P'],
  ['Symbol', 'S'],
  ['Separator', 'Z'],
  ['Other', 'C'],
]);

// Each alternative is one element of the syntax of a pattern with the flag `u`.
const ELEMENT =
  /\\u\{(?<point>[0-9a-f]+)\}|\\u(?<high>d[89ab][0-9a-f]{2})\\u(?<low>d[c-f][0-9a-f]{2})|\\u(?<unit>[0-9a-f]{4})|\\x(?<byte>[0-9a-f]{2})|\\c(?<control>[a-z])|\\(?<not>p)\{(?<property>[^}]*)\}|\\(?<escaped>[^])|(?<look>\(\?<?[=!])|(?<group>\(\?<[^>\]]*>|\((?!\?))|(?<empty>\[\^?\])|(?<other>[^])/giu;

/**
 * Translates an ECMA-262 pattern with the flag `u` to RE2's syntax. Its groups do not capture.
 *
 * @param source - pattern that `RegExp` accepts
 * @throws UnsupportedPattern
 */
export function re2Syntax(source: string): string {
  let isInClass = false;
  let written = '';
  for (const { 0: text, groups = {} } of source.matchAll(ELEMENT)) {
    const { other, empty } = groups;
    if (empty !== undefined && !isInClass) written += empty === '[]' ? NOTHING : ANYTHING;
    else if (empty !== undefined) {
      // Within a class `[` is itself, and `]` ends it.
      written += String.raw`\[${text.slice(1)}`;
      isInClass = false;
    } else if (isInClass) {
      written += other === '[' ? String.raw`\[` : classElement(text, groups);
      isInClass = other !== ']';
    } else {
      written += other === '.' ? NOT_LINE_END : element(text, groups);
      isInClass = other === '[';
    }
  }
  return written;
}

type Groups = Partial<Record<string, string>>;

function element(text: string, groups: Groups): string {
  const { look, group, escaped } = groups;
  if (look !== undefined) {
    throw new UnsupportedPattern(`it has a ${look.includes('<') ? 'lookbehind' : 'lookahead'}`);
  }
  if (group !== undefined) return '(?:';
  if (escaped === 'S') return `[${NOT_SPACE}]`;
  if (escaped === 's') return `[${SPACE}]`;
  if (escaped !== undefined && /[1-9k]/.test(escaped)) {
    throw new UnsupportedPattern('it has a backreference');
  }
  return either(text, groups);
}

function classElement(text: string, groups: Groups): string {
  const { escaped, group, look } = groups;
  if (group !== undefined || look !== undefined) return text;
  if (escaped === 'b') return String.raw`\x{8}`;
  if (escaped === 'S') return NOT_SPACE;
  if (escaped === 's') return SPACE;
  return either(text, groups);
}

/** Translates an element that means the same in a class and outside of one. */
function either(text: string, groups: Groups): string {
  const { point, high, low, control, property, not, escaped } = groups;
  const hex = point ?? groups['unit'] ?? groups['byte'];
  if (hex !== undefined) return `\\x{${hex}}`;
  if (high !== undefined && low !== undefined) {
    const units = [Number.parseInt(high, 16), Number.parseInt(low, 16)];
    return `\\x{${String.fromCharCode(...units)
      .codePointAt(0)
      ?.toString(16)}}`;
  }
  if (control !== undefined) return `\\x{${(control.charCodeAt(0) % 32).toString(16)}}`;
  if (property !== undefined) return `\\${not}{${unicodeProperty(property)}}`;
  if (escaped === '0') return String.raw`\x{0}`;
  return text;
}

function unicodeProperty(name: string): string {
  const [, value = name] = /^(?:General_Category|gc|Script|sc)=(.*)$/u.exec(name) ?? [];
  if (value.includes('=')) throw new UnsupportedPattern(`it has the property ${name}`);
  return CATEGORIES.get(value) ?? value;
}
