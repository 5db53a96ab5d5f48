import { type ProxySettings, shownProxy } from '../net/proxy';
import { type ProxyFact } from './facts';
import { type Finding } from './finding';

/** Reports the proxy for remote servers, logins and downloads; empty when no proxy is set. */
export function diagnoseProxy({ here, host }: ProxyFact): Finding[] {
  const used = host ?? here;
  if (!isSet(used) && !isSet(here)) return [];
  const finding = { id: 'proxy', title: 'Proxy', affects: [], fixable: false };
  const wrong = [used.https, used.http].find(
    (proxy) => proxy !== undefined && !URL.canParse(proxy),
  );
  if (wrong !== undefined) {
    return [
      {
        ...finding,
        status: 'missing',
        found: 'HTTPS_PROXY or HTTP_PROXY is not a URL',
        needed: 'a URL such as http://proxy.example.com:3128',
        fix: 'Correct the variable',
      },
    ];
  }
  const found = proxyText(used);
  if (host === undefined || proxyText(here) === found) return [{ ...finding, status: 'ok', found }];
  return [
    {
      ...finding,
      status: 'warning',
      found: `${found}; in this shell: ${proxyText(here)}`,
      fix: 'To use the settings of this shell: mainspring down && mainspring up --detach',
    },
  ];
}

const isSet = ({ http, https }: ProxySettings) => http !== undefined || https !== undefined;

function proxyText({ http, https, except }: ProxySettings): string {
  if (http === undefined && https === undefined) return 'none';
  const ways = http === https ? [['all', http]] : [['https', https], ['http', http]]; // prettier-ignore
  const shown = ways.flatMap(([kind, proxy]) =>
    proxy === undefined ? [] : [`${shownProxy(new URL(proxy))} for ${kind} URLs`],
  );
  const direct = ['this machine', ...except.split(/[,\s]+/).filter((entry) => entry !== '')];
  return `${shown.join(', ')}; directly: ${direct.join(', ')}`;
}
