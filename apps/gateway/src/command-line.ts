import { parseArgs } from 'node:util';

/** What `sallyport` was asked to do. */
export interface CommandLine {
  config?: string;
  check: boolean;
  help: boolean;
  version: boolean;
}

export const USAGE = `Usage: sallyport [--config FILE] [--check]

The gateway that one YAML file describes.

  -c, --config FILE   the file; default: ./sallyport.yml, ./sallyport.yaml, ~/.sallyport.yml,
                      /usr/local/etc/sallyport/sallyport.yml, /etc/sallyport/sallyport.yml
      --check         say whether the file is right, and what goes where; start nothing
  -h, --help          this text
  -v, --version       the version of sallyport`;

/** @throws Error for what it does not know */
export function parseCommandLine(args: string[]): CommandLine {
  const { values } = parseArgs({
    args,
    options: {
      config: { type: 'string', short: 'c' },
      check: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
      version: { type: 'boolean', short: 'v', default: false },
    },
  });
  return values;
}
