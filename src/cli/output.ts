/** One line, whatever the text holds: messages of the command line never span several. */
export function printLine(stream: NodeJS.WriteStream, text: string): void {
  stream.write(`optiproxy: ${text.replace(/\s*\n\s*/g, ' ')}\n`);
}

/** Results for the next program in the pipe. */
export function stdout(text: string): void {
  process.stdout.write(text);
}

/** A reader that closes the pipe early (`| head`) is no error of ours. */
export function tolerateClosedPipe(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') process.exit(0);
      throw error;
    });
  }
}
