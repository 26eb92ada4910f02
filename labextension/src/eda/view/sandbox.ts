/**
 * A report as a document of its own that can reach nothing: neither the lab, nor the server, nor the net.
 */

/** How the lab looks, for a report. */
export interface ILook {
  dark: boolean;
  /** The lab's colours and fonts by the names of their variables. */
  variables: Readonly<Record<string, string>>;
}

const DARK_ONLY = /@media \(prefers-color-scheme: ?dark\)/;
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
 * policy of its own could not do.
 */
export function sandboxed(content: string, scripts: boolean, look: ILook): string {
  const policy = policyOf(scripts);
  const sandbox = scripts ? 'allow-scripts' : '';
  const style = styleOf(scripts, look);
  // The parser takes a second `<!doctype>`, `<html>` and `<head>`, the report's own, for mistakes. The
  // first base counts: with it, a link within the report stays within the report.
  const own = `${policy}; base-uri 'none'`;
  const inner =
    head('<base href="about:srcdoc">', own, style) + themed(content, scripts, look);
  const frame = 'display:block;width:100%;height:100%;border:0';
  return (
    `${head('', policy, 'html,body{height:100%;margin:0;overflow:hidden}')}</head><body>` +
    `<iframe title="report" style="${frame};color-scheme:${schemeOf(look)}"` +
    ` sandbox="${sandbox}" srcdoc="${quoted(inner)}"></iframe></body></html>`
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
    "form-action 'none'"
  ].join('; ');
}

function head(first: string, policy: string, style: string): string {
  return (
    `<!doctype html><html><head>${first}<meta charset="utf-8">` +
    `<meta http-equiv="Content-Security-Policy" content="${policy}"><style>${style}</style>`
  );
}

/** A frame knows what the person prefers of all pages, not which theme the lab has: our reports are told. */
function themed(content: string, foreign: boolean, look: ILook): string {
  return foreign
    ? content
    : content.replace(DARK_ONLY, look.dark ? '@media all' : '@media not all');
}

/** The word of style sheets for it. */
export function schemeOf({ dark }: ILook): 'dark' | 'light' {
  return dark ? 'dark' : 'light';
}

function styleOf(foreign: boolean, look: ILook): string {
  const declared = Object.entries(look.variables)
    .map(([name, value]) => `${name}:${value}`)
    .join(';');
  const scheme = `:root:root{color-scheme:${schemeOf(look)};${declared}}`;
  const ground = 'html{background:var(--jp-layout-color0)}';
  // A report of other makers knows no dark theme: turned over, its white becomes the lab's black.
  const turned =
    'html{background:#fff;filter:invert(0.93) hue-rotate(180deg);color-scheme:light}';
  return foreign && look.dark ? `${scheme}${turned}` : `${scheme}${ground}`;
}

function quoted(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;');
}
