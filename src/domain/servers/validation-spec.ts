/** Part of a spec that declares how it may be tested. */
export interface ValidationSpec {
  /** Calls that are safe to make at any time; no other tool is ever called. */
  calls: ValidationCall[];
  /** Variable or header without which the server must refuse calls. */
  credential?: string;
}

export interface ValidationCall {
  tool: string;
  arguments: Record<string, unknown>;
  /** Text that the answer must contain. */
  expect?: string;
}
