/**
 * A report as a document of its own that can reach nothing: neither the lab, nor the server, nor the net.
 */

/** How the lab looks, for a report. */
export interface ILook {
  dark: boolean;
  /** The lab's colours and fonts by the names of their variables. */
  variables: Readonly<Record<string, string>>;
}

const VARIABLES = [
  '--jp-layout-color0',
  '--jp-layout-color1',
  '--jp-layout-color2',
  '--jp-layout-color3',
  '--jp-ui-font-color0',
  '--jp-ui-font-color1',
  '--jp-ui-font-color2',
  '--jp-ui-font-family',
  '--jp-ui-font-size1',
  '--jp-content-font-family',
  '--jp-code-font-family',
  '--jp-content-link-color',
  '--jp-border-color1',
  '--jp-border-color2',
  '--jp-brand-color1',
  '--jp-error-color1',
  '--jp-warn-color1',
  '--jp-success-color1',
  '--jp-info-color1'
];

/** How the lab looks now. */
export function lookOf(body: HTMLElement): ILook {
  const style = getComputedStyle(body);
  const entries = VARIABLES.map(name => [name, style.getPropertyValue(name).trim()]);
  return {
    dark: body.dataset.jpThemeLight === 'false',
    variables: Object.fromEntries(
      entries.filter(([, value]) => value && !/[<>{};]/.test(value))
    ) as Record<string, string>
  };
}

/**
 * The document of a frame that shows a report.
 *
 * The report is in a frame within the frame: the outer one's policy holds for the inner from its first
 * byte on, and its `frame-src 'none'` also keeps the inner one from going to another address, which a
 * policy of its own could not do. What is written before the report is the first thing in its head.
 */
export function sandboxed(content: string, scripts: boolean, look: ILook): string {
  const policy = policyOf(scripts);
  const inner = `${head(policy, scripts, look)}${content}`;
  const sandbox = scripts ? 'allow-scripts' : '';
  return (
    `${head(policy, false, look)}<style>html,body{height:100%;margin:0;overflow:hidden}` +
    'iframe{display:block;width:100%;height:100%;border:0}</style></head><body>' +
    `<iframe title="report" sandbox="${sandbox}" srcdoc="${quoted(inner)}"></iframe></body></html>`
  );
}

function policyOf(scripts: boolean): string {
  return [
    "default-src 'none'",
    "style-src 'unsafe-inline'",
    scripts ? "script-src 'unsafe-inline'" : "script-src 'none'",
    'img-src data:',
    'font-src data:',
    "frame-src 'none'",
    "form-action 'none'",
    "base-uri 'none'"
  ].join('; ');
}

/** The parser takes a second `<!doctype>`, `<html>` and `<head>`, the report's own, for mistakes. */
function head(policy: string, foreign: boolean, look: ILook): string {
  return (
    '<!doctype html><html><head><meta charset="utf-8">' +
    `<meta http-equiv="Content-Security-Policy" content="${policy}">` +
    `<style>${styleOf(foreign, look)}</style>`
  );
}

function styleOf(foreign: boolean, { dark, variables }: ILook): string {
  const declared = Object.entries(variables)
    .map(([name, value]) => `${name}:${value}`)
    .join(';');
  const scheme = `:root{color-scheme:${dark ? 'dark' : 'light'};${declared}}`;
  const ground = 'html{background:var(--jp-layout-color0)}';
  // A report of other makers knows no dark theme: turned over, its white becomes the lab's black.
  const turned =
    'html{background:#fff;filter:invert(0.93) hue-rotate(180deg);color-scheme:light}';
  return foreign && dark ? `${scheme}${turned}` : `${scheme}${ground}`;
}

function quoted(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;');
}
