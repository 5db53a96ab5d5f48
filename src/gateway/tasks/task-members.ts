import { isoTime } from './iso-time';
import { type TaskState } from './task-state';
import { type JsonObject } from '../../base/json';

/** The members of a task that both eras send alike. */
export function taskMembers({ task, status, message, changedAtMs }: TaskState): JsonObject {
  return {
    taskId: task.taskId,
    status,
    statusMessage: message,
    createdAt: isoTime(task.createdAtMs),
    lastUpdatedAt: isoTime(changedAtMs),
  };
}
