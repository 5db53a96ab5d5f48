import {
  defineSearchAttributeKey,
  type SearchAttributePair,
  SearchAttributeType,
  type SearchAttributeUpdatePair,
} from '@temporalio/common';
import { setCurrentDetails, upsertSearchAttributes } from '@temporalio/workflow';
import { canonicalJson } from '../src/base/canonical-json';
import { type EntityState } from '../src/domain/entity/entity';
import { detailsOf } from '../src/domain/entity/entity-details';

const KEYWORD = SearchAttributeType.KEYWORD;

/** Registered by src/temporal/namespace.ts at every start. */
const ATTRIBUTES = {
  server: defineSearchAttributeKey('McpServer', KEYWORD),
  state: defineSearchAttributeKey('McpState', KEYWORD),
  health: defineSearchAttributeKey('McpHealth', KEYWORD),
  transport: defineSearchAttributeKey('McpTransport', KEYWORD),
  host: defineSearchAttributeKey('McpHost', KEYWORD),
  tags: defineSearchAttributeKey('McpTags', SearchAttributeType.KEYWORD_LIST),
  generation: defineSearchAttributeKey('McpGeneration', SearchAttributeType.INT),
};

/** Shows an entity in the Temporal UI; every change of an attribute is an event of the history. */
export function createPresenter(): (entity: EntityState) => void {
  let shown = '';
  return (entity) => {
    setCurrentDetails(detailsOf(entity, Date.now()));
    const attributes = searchAttributesOf(entity);
    const values = canonicalJson(attributes.map(({ value }) => value));
    if (values !== shown) upsertSearchAttributes(attributes);
    shown = values;
  };
}

function searchAttributesOf(entity: EntityState): SearchAttributeUpdatePair[] {
  const { spec } = entity.signed;
  return [
    { key: ATTRIBUTES.server, value: entity.name },
    { key: ATTRIBUTES.state, value: entity.state },
    { key: ATTRIBUTES.health, value: entity.health },
    { key: ATTRIBUTES.transport, value: spec.type },
    { key: ATTRIBUTES.host, value: entity.owner?.host ?? null },
    { key: ATTRIBUTES.tags, value: spec.tags },
    { key: ATTRIBUTES.generation, value: entity.generation },
  ];
}

/** Returns the attributes that are fixed for the life of a session. */
export function sessionAttributesOf(entity: EntityState): SearchAttributePair[] {
  return [
    { key: ATTRIBUTES.server, value: entity.name },
    { key: ATTRIBUTES.transport, value: entity.signed.spec.type },
    { key: ATTRIBUTES.generation, value: entity.generation },
  ];
}

/** Returns the attributes by which other work for a server is found by its name too. */
export function attributesOfServer(name: string): SearchAttributeUpdatePair[] {
  return [{ key: ATTRIBUTES.server, value: name }];
}
