import {
  type CommandLine,
  FLAG,
  hasReference,
  type LauncherOptions,
  type NamedProgram,
  readLauncherOptions,
  VALUE,
} from './program-words';

/** Flags of `docker run`; without `--detach`, which would disconnect stdio. */
const FLAGS = [
  ...['disable-content-trust', 'init', 'no-healthcheck', 'oom-kill-disable', 'privileged'],
  ...['read-only', 'rm', 'sig-proxy', 'use-api-socket'],
];
const SHORT_FLAGS = { interactive: 'i', 'publish-all': 'P', quiet: 'q', tty: 't' };
const VALUES = [
  ...['add-host', 'annotation', 'blkio-weight', 'blkio-weight-device', 'cap-add', 'cap-drop'],
  ...['cgroup-parent', 'cgroupns', 'cidfile', 'cpu-period', 'cpu-quota', 'cpu-rt-period'],
  ...['cpu-rt-runtime', 'cpus', 'cpuset-cpus', 'cpuset-mems', 'detach-keys', 'device'],
  ...['device-cgroup-rule', 'device-read-bps', 'device-read-iops', 'device-write-bps'],
  ...['device-write-iops', 'dns', 'dns-option', 'dns-search', 'domainname', 'entrypoint'],
  ...['env-file', 'expose', 'gpus', 'group-add', 'health-cmd', 'health-interval'],
  ...['health-retries', 'health-start-interval', 'health-start-period', 'health-timeout'],
  ...['ip', 'ip6', 'ipc', 'isolation', 'kernel-memory', 'label-file', 'link', 'link-local-ip'],
  ...['log-driver', 'log-opt', 'mac-address', 'memory-reservation', 'memory-swap'],
  ...['memory-swappiness', 'mount', 'name', 'net', 'network', 'network-alias', 'oom-score-adj'],
  ...['pid', 'pids-limit', 'platform', 'pull', 'restart', 'runtime', 'security-opt', 'shm-size'],
  ...['stop-signal', 'stop-timeout', 'storage-opt', 'sysctl', 'tmpfs', 'ulimit', 'userns', 'uts'],
  ...['volume-driver', 'volumes-from'],
];
const SHORT_VALUES = {
  attach: 'a',
  'cpu-shares': 'c',
  env: 'e',
  hostname: 'h',
  label: 'l',
  memory: 'm',
  publish: 'p',
  user: 'u',
  volume: 'v',
  workdir: 'w',
};

const OPTIONS: LauncherOptions = {
  ...Object.fromEntries(FLAGS.map((name) => [name, FLAG])),
  ...Object.fromEntries(VALUES.map((name) => [name, VALUE])),
  ...Object.fromEntries(
    Object.entries(SHORT_FLAGS).map(([name, short]) => [name, { ...FLAG, short }]),
  ),
  ...Object.fromEntries(
    Object.entries(SHORT_VALUES).map(([name, short]) => [name, { ...VALUE, short }]),
  ),
};

const ENGINES = ['docker', 'podman'];
const IMAGE = /^[a-z0-9][\w.:/-]*(?:@sha256:[0-9a-f]{64})?$/i;

/**
 * Returns the image that `docker run` starts. Options with references can only be resolved on the host; such a command
 * is left unchanged.
 */
export function imageOf({ command, args }: CommandLine): NamedProgram | undefined {
  if (!ENGINES.includes(command) || args[0] !== 'run') return undefined;
  const launched = readLauncherOptions(args.slice(1), OPTIONS);
  const [image, ...own] = launched?.rest ?? [];
  if (image === undefined || !IMAGE.test(image)) return undefined;
  const options = args.slice(0, args.length - own.length - 1);
  if (options.some(hasReference)) return undefined;
  return { source: { method: 'docker', image, options }, args: own };
}
