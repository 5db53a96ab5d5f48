export interface CommandOptions {
  /** Answer when the server has settled (default), or as soon as the command is recorded. */
  wait?: boolean;
  correlationId?: string;
}
