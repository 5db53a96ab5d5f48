import { type ToolCatalogues } from '../../src/store/store';
import { type NotificationHub } from '../host/server-notifications';

type Lists = Pick<ToolCatalogues, 'get' | 'put'>;

/** Lists of tools that gateways are told of as soon as they are stored. */
export function toldCatalogue(catalogue: Lists, notices: NotificationHub): Lists {
  return {
    get: (server, toolsHash) => catalogue.get(server, toolsHash),
    async put(listed, approvedHash) {
      await catalogue.put(listed, approvedHash);
      notices.publish({ type: 'listed', server: listed.server, kind: 'tools' });
    },
  };
}
