import { isObject, type Members } from './dialect';

/** Header and scheme of a credential, by `auth_type`. */
const CREDENTIAL_HEADERS: ReadonlyMap<unknown, readonly [header: string, scheme: string]> = new Map(
  [
    ['bearer_token', ['Authorization', 'Bearer ']],
    ['authorization', ['Authorization', '']],
    ['basic', ['Authorization', 'Basic ']],
    ['api_key', ['X-API-Key', '']],
  ],
);
const ENVIRON = /^os\.environ\/([A-Za-z_][A-Za-z0-9_]*)$/;

/** Converts an entry of LiteLLM; its credential becomes a header. */
export function litellmMembers(entry: Members): Record<string, unknown> {
  const { auth_type: type, auth_value, authentication_token, headers, ...rest } = entry;
  const value = auth_value ?? authentication_token;
  const credential = CREDENTIAL_HEADERS.get(type);
  if (credential === undefined || typeof value !== 'string') {
    const isNone = type === undefined || type === 'none';
    return {
      ...rest,
      ...(headers !== undefined && { headers }),
      ...(!isNone && { auth_type: type }),
      ...(value !== undefined && { auth_value: value }),
    };
  }
  const [header, scheme] = credential;
  const text = value.replace(ENVIRON, '${$1}');
  return { ...rest, headers: { ...(isObject(headers) && headers), [header]: `${scheme}${text}` } };
}
