import { type LoadedTemplate, type TemplateParameter } from '../../offline/templates';
import { renderTable } from './table';

const MAX_DESCRIPTION_LENGTH = 90;

/** Renders a line for each template. */
export function renderTemplates(templates: readonly LoadedTemplate[], fancy: boolean): string {
  const rows = templates.map(({ name, tags, description, deprecated, origin }) => [
    name,
    tags.join(', '),
    `${origin === 'user' ? '(custom) ' : ''}${deprecated ? '(deprecated) ' : ''}${shortened(description)}`,
  ]);
  return renderTable(['Template', 'Tags', 'Description'], rows, fancy);
}

/** Renders everything about one template, and how to use it. */
export function renderTemplate(template: LoadedTemplate, fancy: boolean): string {
  const { name, title, description, parameters, prerequisites, source, deprecated } = template;
  const blocks = [`${title} (${name})\n${description}`];
  if (deprecated) {
    const instead = deprecated.successor ? ` Use ${deprecated.successor} instead.` : '';
    blocks.push(`Deprecated: ${deprecated.reason}${instead}`);
  }
  if (prerequisites.length > 0) {
    blocks.push(
      ['Prerequisites:', ...prerequisites.map((need) => `  ${need.name}: ${need.help}`)].join('\n'),
    );
  }
  if (parameters.length > 0) blocks.push(renderParameters(parameters, fancy));
  for (const group of template.requiresOneOf) blocks.push(`Requires one of: ${group.join(', ')}.`);
  if (source) {
    const version = source.version === undefined ? '' : ` ${source.version}`;
    const { checkedOn, documentation } = source;
    blocks.push(`Tested with ${source.package}${version} on ${checkedOn}: ${documentation}`);
  }
  blocks.push(`To add this server:\n  ${commandFor(template)}`);
  return blocks.join('\n\n');
}

/** The command that adds it, with its required parameters. */
function commandFor({ name, parameters, requiresOneOf }: LoadedTemplate): string {
  const first = requiresOneOf.map(([member]) => member);
  const sets = parameters
    .filter((parameter) => parameter.required || first.includes(parameter.name))
    .map((parameter) => `--set ${parameter.name}=${placeholder(parameter)}`);
  return ['mainspring add --template', name, ...sets].join(' ');
}

function renderParameters(parameters: readonly TemplateParameter[], fancy: boolean): string {
  const rows = parameters.map((parameter) => {
    const { name, type, required, secret, help, example, options } = parameter;
    const kind = options ? options.join('|') : type;
    const default_ =
      parameter.default === undefined ? '' : ` Default: ${String(parameter.default)}.`;
    const such = example === undefined ? '' : ` Example: ${example}`;
    return [
      name,
      `${kind}${secret ? ', secret' : ''}`,
      required ? 'required' : '',
      `${help}${default_}${such}`,
    ];
  });
  return renderTable(['Parameter', 'Type', '', 'Description'], rows, fancy);
}

function placeholder({ secret, env, example, name }: TemplateParameter): string {
  if (secret) return `'\${${env ?? name.toUpperCase().replace(/-/g, '_')}}'`;
  return example ?? '…';
}

function shortened(text: string): string {
  if (text.length <= MAX_DESCRIPTION_LENGTH) return text;
  return `${text.slice(0, MAX_DESCRIPTION_LENGTH - 1)}…`;
}
