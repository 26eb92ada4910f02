import { lookOf, sandboxed } from '../../../src/eda/view/sandbox';

const LIGHT = { dark: false, variables: { '--jp-layout-color0': '#fff' } };
const DARK = { dark: true, variables: { '--jp-layout-color0': '#111' } };

/** The document of the frame, and of the frame within it. */
function documents(
  content: string,
  scripts: boolean,
  look = LIGHT
): [Document, Document] {
  const parser = new DOMParser();
  const outer = parser.parseFromString(sandboxed(content, scripts, look), 'text/html');
  const inner = outer.querySelector('iframe')?.getAttribute('srcdoc') ?? '';
  return [outer, parser.parseFromString(inner, 'text/html')];
}

function policy(of: Document): string {
  return (
    of.head.querySelector('meta[http-equiv]')?.getAttribute('content') ?? 'no policy'
  );
}

describe('sandboxed', () => {
  it('gives the report a policy before its first byte', () => {
    const content =
      '<!doctype html><html><head><meta http-equiv="Content-Security-Policy" content="default-src *"><script>1</script></head><body>x</body></html>';
    const [outer, inner] = documents(content, true);
    for (const one of [outer, inner]) {
      expect(policy(one)).toContain("default-src 'none'");
      expect(policy(one)).toContain("frame-src 'none'");
      expect(policy(one)).not.toContain('*');
    }
    const order = [...inner.head.children].map(child => child.tagName);
    expect(order.slice(0, 4)).toEqual(['BASE', 'META', 'META', 'STYLE']);
    expect(inner.body.textContent).toBe('x');
  });

  it('lets scripts run only when the report needs them, and never as the lab', () => {
    const [still] = documents('', false);
    const [live] = documents('', true);
    expect(still.querySelector('iframe')?.getAttribute('sandbox')).toBe('');
    expect(policy(still)).toContain("script-src 'none'");
    expect(live.querySelector('iframe')?.getAttribute('sandbox')).toBe('allow-scripts');
    expect(sandboxed('', true, LIGHT)).not.toContain('allow-same-origin');
  });

  it('keeps a report that tries to leave its frame in it', () => {
    const content = '<p title="&quot;">"></iframe><script>alert(1)</script>';
    const [outer, inner] = documents(content, false);
    expect(outer.querySelectorAll('script')).toHaveLength(0);
    expect(outer.querySelectorAll('iframe')).toHaveLength(1);
    expect(inner.querySelector('p')?.getAttribute('title')).toBe('"');
  });

  it('tells our own reports which theme the lab has', () => {
    const content = '<style>@media (prefers-color-scheme:dark){a{color:red}}</style>';
    const inner = (look: typeof LIGHT): string =>
      documents(content, false, look)[1].documentElement.outerHTML;
    expect(inner(DARK)).toContain('@media all{a');
    expect(inner(LIGHT)).toContain('@media not all{a');
    expect(inner(DARK)).toContain('--jp-layout-color0:#111');
  });

  it('turns a report of other makers over in a dark lab only', () => {
    expect(sandboxed('', true, DARK)).toContain('invert');
    expect(sandboxed('', true, LIGHT)).not.toContain('invert');
    expect(sandboxed('', false, DARK)).not.toContain('invert');
  });
});

describe('lookOf', () => {
  it('takes no variable that is more than a value', () => {
    document.body.dataset.jpThemeLight = 'false';
    document.body.style.setProperty('--jp-layout-color0', 'rgb(1, 2, 3)');
    document.body.style.setProperty('--jp-layout-color1', 'red;}</style><script>');
    const look = lookOf(document.body);
    expect(look.dark).toBe(true);
    expect(look.variables['--jp-layout-color0']).toBe('rgb(1, 2, 3)');
    expect(Object.values(look.variables).join()).not.toContain('script');
  });
});
