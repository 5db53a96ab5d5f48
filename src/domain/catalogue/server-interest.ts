import { LOG_LEVELS } from './log-levels';
import { type ServerInterest } from '../hosts/socket-frames';

/** Joins several interests in one server: all resources, sorted, and the most verbose log level. */
export function unitedInterest(interests: readonly ServerInterest[]): ServerInterest {
  const resources = [...new Set(interests.flatMap((interest) => interest.resources))].sort();
  const levels = new Set(interests.map((interest) => interest.logLevel));
  const logLevel = LOG_LEVELS.find((level) => levels.has(level));
  return { resources, ...(logLevel && { logLevel }) };
}
