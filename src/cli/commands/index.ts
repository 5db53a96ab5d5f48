import { type Command } from 'commander';
import { type Run } from '../command';
import { add } from './add';
import { api } from './api';
import { agent } from './agent';
import { alerts } from './alerts';
import { approve } from './approve';
import { breaker } from './breaker';
import { call } from './call';
import { calls } from './calls';
import { cancel } from './cancel';
import { disable } from './disable';
import { doctor } from './doctor';
import { down } from './down';
import { enable } from './enable';
import { events } from './events';
import { exportServers } from './export';
import { health } from './health';
import { host } from './host';
import { importServers } from './import';
import { info } from './info';
import { install } from './install';
import { list } from './list';
import { login } from './login';
import { logout } from './logout';
import { logs } from './logs';
import { maintenance } from './maintenance';
import { meta } from './meta';
import { monitor } from './monitor';
import { outdated } from './outdated';
import { profile } from './profile';
import { quarantine } from './quarantine';
import { release } from './release';
import { reload } from './reload';
import { remove } from './remove';
import { restart } from './restart';
import { result } from './result';
import { setup } from './setup';
import { start } from './start';
import { status } from './status';
import { stdio } from './stdio';
import { stop } from './stop';
import { suggest } from './suggest';
import { templates } from './templates';
import { test } from './test';
import { tools } from './tools';
import { top } from './top';
import { ui } from './ui';
import { upgrade } from './upgrade';
import { up } from './up';
import { validate } from './validate';
import { worker } from './worker';

/** Every command, in the order of `--help`. */
export const COMMANDS: readonly ((run: Run) => Command)[] = [
  ...[up, down, worker, host, api, stdio],
  ...[add, remove, list, status],
  ...[templates, suggest, agent, profile],
  ...[doctor, install, outdated, upgrade],
  ...[test, validate, setup],
  ...[login, logout],
  ...[start, stop, restart, reload, enable, disable],
  ...[breaker, quarantine, release, maintenance, approve],
  ...[importServers, exportServers],
  ...[health, top, monitor, alerts],
  ...[tools, call, result, calls, cancel],
  ...[logs, events, meta, ui, info],
];
