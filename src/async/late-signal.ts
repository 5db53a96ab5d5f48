/**
 * Abort signal that is created when somebody first wants to listen to it. Creating one takes as long as reading a
 * message, and most requests end with nobody listening.
 */
export class LateSignal {
  #controller: AbortController | undefined;
  #isAborted = false;

  get aborted(): boolean {
    return this.#isAborted;
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#isAborted) this.#controller.abort();
    return this.#controller.signal;
  }

  abort(): void {
    this.#isAborted = true;
    this.#controller?.abort();
  }
}
