// Where this page's servers are: `config.json` beside the page, written by whoever starts the demo.

export interface Config {
  /** Of Jobwire. */
  jobwireUrl: string;
  /** Of the demo's back end. */
  backendUrl: string;
}

interface ConfigFile {
  jobwireUrl?: string;
  backendUrl?: string;
  /** The back end is on the host that the page came from, at this port. */
  backendPort?: number;
}

export function resolveConfig(file: ConfigFile, page: Pick<Location, 'origin' | 'protocol' | 'hostname'>): Config {
  const beside = `${page.protocol}//${page.hostname}:${file.backendPort ?? 7071}`;
  return { jobwireUrl: file.jobwireUrl ?? page.origin, backendUrl: file.backendUrl ?? beside };
}

export async function loadConfig(): Promise<Config> {
  const response = await fetch('/config.json', { cache: 'no-store' });
  return resolveConfig(response.ok ? ((await response.json()) as ConfigFile) : {}, window.location);
}
