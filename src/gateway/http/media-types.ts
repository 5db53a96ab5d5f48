import { type IncomingHttpHeaders } from 'node:http';

/** Whether an Accept header allows a type. Without the header every type is allowed. */
export function accepts(header: string | undefined, type: string): boolean {
  if (header === undefined || header === '*/*') return true;
  const anyOfKind = `${type.split('/', 1).join()}/*`;
  return header.split(',').some((range) => {
    const [name = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    const isRefused = parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter));
    return !isRefused && (name === type || name === anyOfKind || name === '*/*');
  });
}

/** Whether a body is uncompressed JSON in UTF-8. */
export function isJsonBody(headers: IncomingHttpHeaders): boolean {
  const encoding = headers['content-encoding'];
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity') return false;
  const [type = '', ...parameters] = (headers['content-type'] ?? '').toLowerCase().split(';');
  if (type.trim() !== 'application/json') return false;
  return parameters.every((parameter) => {
    const [name = '', value = ''] = parameter.trim().split('=');
    return name !== 'charset' || value.replace(/"/g, '') === 'utf-8';
  });
}
