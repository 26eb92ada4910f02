/**
 * Languages by all the names that kernels, files and people give them.
 */

const SYNONYMS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    'c++': 'cpp',
    'c++src': 'cpp',
    csrc: 'c',
    gfm: 'markdown',
    ipython: 'python',
    ipython3: 'python',
    ipythongfm: 'markdown',
    ir: 'r',
    javascriptreact: 'javascript',
    js: 'javascript',
    md: 'markdown',
    plain: 'text',
    plaintext: 'text',
    py: 'python',
    python2: 'python',
    python3: 'python',
    raw: 'text',
    rsrc: 'r',
    sh: 'bash',
    shell: 'bash',
    shellscript: 'bash',
    ts: 'typescript',
    yml: 'yaml',
    zsh: 'bash'
  })
);

/** The one name of a language. */
export function canonical(language: string): string {
  const name = language.trim().toLowerCase();
  return SYNONYMS.get(name) ?? name;
}

/** The language of a MIME type, such as `text/x-ipython`. */
export function languageOfMime(mime: string): string {
  const [, name = ''] = /^[^/]*\/(?:x-|vnd\.)?([^;\s]*)/.exec(mime) ?? [];
  return canonical(name) || 'text';
}

/** Whether code of a language is at home where another one is expected: plain text takes anything. */
export function fits(language: string, place: string): boolean {
  const [own, target] = [canonical(language), canonical(place)];
  return own === target || own === 'text' || target === 'text' || own === '';
}

// What IPython runs by a magic at the head of a cell, without an extension.
const MAGICS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    bash: '%%bash',
    html: '%%html',
    javascript: '%%javascript',
    latex: '%%latex',
    markdown: '%%markdown',
    perl: '%%perl',
    ruby: '%%ruby',
    sql: '%%sql',
    svg: '%%svg'
  })
);

/** The line that makes a cell of a Python kernel run another language; null when there is none. */
export function magicFor(language: string, kernelLanguage: string): string | null {
  return canonical(kernelLanguage) === 'python'
    ? (MAGICS.get(canonical(language)) ?? null)
    : null;
}

/** The language of a code cell: that of its magic, or the kernel's. */
export function cellLanguage(source: string, kernelLanguage: string): string {
  const [, name] = /^\s*%%(\w+)/.exec(source) ?? [];
  const magic = name && MAGICS.has(canonical(name)) ? canonical(name) : '';
  return canonical(kernelLanguage) === 'python' && magic
    ? magic
    : canonical(kernelLanguage);
}
