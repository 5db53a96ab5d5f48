import { canonicalJson } from '../../src/base/canonical-json';
import { type ServerCatalogue } from '../../src/domain/catalogue/server-catalogue';
import { maskedLists } from '../../src/mcp/lists/masked-answers';
import { type EventLog, type ServerCatalogueStore } from '../../src/store/store';
import { flawsEvents } from './flaws-event';
import { coalesce } from '../../src/async/coalesce';
import { type NotificationHub } from '../host/server-notifications';
import { type Serving } from './supervised-server';
import { sha256 } from '../../src/base/sha256';

const LISTS_CHANGED: ReadonlySet<string> = new Set([
  'notifications/resources/list_changed',
  'notifications/prompts/list_changed',
]);

interface OfferDeps {
  store: { offers: Pick<ServerCatalogueStore, 'get' | 'put'>; events: Pick<EventLog, 'append'> };
  notices: NotificationHub;
}

/** Stores what a ready server offers besides tools, now and whenever it announces a change, and passes on its notifications. */
export function followOffer({ store, notices }: OfferDeps, server: string, serving: Serving): void {
  const { connection } = serving;
  let isOver = false;
  // If this fails, it is listed again at the next change or start.
  const list = coalesce(async () => {
    if (!isOver) await take(store, server, serving, notices);
  });
  connection.onNotification((method, params) => {
    if (LISTS_CHANGED.has(method)) list();
    else if (method !== 'notifications/tools/list_changed') {
      notices.publish({ type: 'notification', server, method, params });
    }
  });
  const unfollow = notices.followInterest(server, (interest) => connection.setInterest(interest));
  void connection.closed.then(() => {
    isOver = true;
    unfollow();
  });
  list();
}

async function take(
  { offers, events }: OfferDeps['store'],
  server: string,
  { connection, mask }: Serving,
  notices: NotificationHub,
): Promise<void> {
  const { flaws, ...listed } = maskedLists(await connection.listResourcesAndPrompts(), mask);
  const before = await offers.get(server);
  // A list that failed keeps its previous value.
  const { resources = [], templates = [], prompts = [] } = { ...before, ...listed };
  const content = { ...connection.facts, resources, templates, prompts };
  const offerHash = sha256(canonicalJson(content));
  const news = flawsEvents(server, before?.flaws, flaws);
  if (before?.offerHash === offerHash && news.length === 0) return;
  const offer: ServerCatalogue = { server, ...content, offerHash, flaws, listedAtMs: Date.now() };
  await offers.put(offer);
  await events.append(news);
  const isOther = (list: 'resources' | 'templates' | 'prompts') =>
    canonicalJson(before?.[list]) !== canonicalJson(offer[list]);
  if (isOther('resources') || isOther('templates')) {
    notices.publish({ type: 'listed', server, kind: 'resources' });
  }
  if (isOther('prompts')) notices.publish({ type: 'listed', server, kind: 'prompts' });
}
