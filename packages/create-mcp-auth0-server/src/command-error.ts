/** 1: it failed. 2: called in a way that can't work. 130: cancelled by the user. */
export type FailureCode = 1 | 2 | 130;

/** Ends the command with a sentence for the user and an exit code. */
export class CommandError extends Error {
  override readonly name = "CommandError";
  readonly exitCode: FailureCode;

  constructor(message: string, exitCode: FailureCode, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
  }
}

/** The command line asks for something that can't be done. */
export function usageError(message: string): CommandError {
  return new CommandError(message, 2);
}

/** The user stopped the command. */
export function cancelled(): CommandError {
  return new CommandError("Cancelled, nothing was written.", 130);
}
