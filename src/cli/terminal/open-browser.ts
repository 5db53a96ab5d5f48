import { spawn } from 'node:child_process';

/** Opens a web page, without a shell; false where there is no browser to open it in. */
export function openBrowser(page: string): boolean {
  const { protocol } = new URL(page);
  if (protocol !== 'https:' && protocol !== 'http:') return false;
  const { platform, env } = process;
  if (platform === 'linux' && !env['DISPLAY'] && !env['WAYLAND_DISPLAY']) return false;
  const [program, ...args] = PROGRAMS[platform] ?? ['xdg-open'];
  const child = spawn(program, [...args, page], { stdio: 'ignore', detached: true });
  child.on('error', () => undefined); // the address is printed anyway
  child.unref();
  return true;
}

const PROGRAMS: Partial<Record<NodeJS.Platform, [string, ...string[]]>> = {
  darwin: ['open'],
  win32: ['rundll32', 'url.dll,FileProtocolHandler'],
};
