/** Records an event of a role that was killed because its event loop had stood still. `up` itself has no store open. */
export async function reportBlocked(
  home: string,
  role: string,
  pid: number,
  reason: string,
): Promise<void> {
  const atMs = Date.now();
  try {
    const { openStore } = await import('../../store/open-store.js'); // `up` needs it for nothing else
    const store = await openStore(home);
    try {
      await store.events.append([
        {
          id: `instance/${role}/${pid}/${atMs}`,
          server: '',
          atMs,
          kind: 'note',
          reason: `the ${role} (pid ${pid}) was killed and is being restarted: ${reason}`,
          actor: 'mainspring',
        },
      ]);
    } finally {
      await store.close();
    }
  } catch {
    // The line was printed; without a disk there is no event.
  }
}
