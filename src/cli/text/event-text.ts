import { type ServerEvent } from '../../domain/events';
import { oneLine } from './one-line';

/** `2026-11-21 12:03:04.567Z files STARTING → RUNNING: it answers (local:ada)` */
export function eventText(event: ServerEvent): string {
  const { atMs, server, reason, actor } = event;
  const time = new Date(atMs).toISOString().replace('T', ' ');
  const who = actor === 'mainspring' ? '' : ` (${actor})`;
  return `${time} ${server || 'mainspring'}${moveText(event)}: ${oneLine(reason)}${who}`;
}

function moveText({ kind, from, to, healthFrom, healthTo }: ServerEvent): string {
  switch (kind) {
    case 'transition':
      return ` ${from === to ? to : `${from} → ${to}`}`;
    case 'health':
      return ` ${healthFrom} → ${healthTo}`;
    case 'note':
      return '';
  }
}
