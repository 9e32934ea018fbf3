/** A line that the collector logs when tables, queue, secrets or spool fail it. */
interface LogLine {
  readonly message?: string;
  readonly reason?: string;
}

/**
 * What a function's log names as failures of tables, queue, secrets or spool. That something did not answer within its
 * time is none: that says how busy the machine is.
 */
export function platformFailures(output: string): readonly string[] {
  const lines = output.split('\n').filter((line) => line.startsWith('{'));
  return lines.flatMap((line) => {
    const { message = '', reason = '' } = JSON.parse(line) as LogLine;
    return message.startsWith('failed ') && !reason.startsWith('TooLate') ? [`${message}: ${reason}`] : [];
  });
}
