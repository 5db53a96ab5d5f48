import { type Catalogue } from '../../src/store/store';
import { type NoticeBoard } from '../host/server-notifications';

type Lists = Pick<Catalogue, 'get' | 'put'>;

/** Lists of tools that gateways are told of as soon as they are stored. */
export function toldCatalogue(catalogue: Lists, notices: NoticeBoard): Lists {
  return {
    get: (server, toolsHash) => catalogue.get(server, toolsHash),
    async put(listed, approvedHash) {
      await catalogue.put(listed, approvedHash);
      notices.tell({ type: 'listed', server: listed.server, kind: 'tools' });
    },
  };
}
