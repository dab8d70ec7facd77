/** One line, whatever the text holds: messages of the command line never span several. */
export function printLine(stream: NodeJS.WriteStream, text: string): void {
  stream.write(`optiproxy: ${text.replace(/\s*\n\s*/g, ' ')}\n`);
}

/** Results for the next program in the pipe. */
export function stdout(text: string): void {
  process.stdout.write(text);
}

/**
 * A reader that closes the pipe early (`| head`) is no error of ours: without one for the results there is nothing left to
 * do; without one for the messages the work goes on.
 */
export function tolerateClosedPipe(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit();
    throw error;
  });
  process.stderr.on('error', () => {});
}
