/**
 * Code to read, coloured as in the lab's own editors.
 */
import {
  jupyterHighlightStyle,
  type IEditorLanguageRegistry
} from '@jupyterlab/codemirror';
import React, { useEffect, useRef, useState } from 'react';

import {
  expand,
  VARIABLES,
  type IExpansion,
  type IStop,
  type Resolve
} from '../body/expand';
import { useSnippets } from '../context';
import { unexpandedReason } from '../insert/unexpanded';
import type { SnippetCell, Syntax } from '../schemas';

const MOST_CHARACTERS = 20_000;
const STYLE_ID = 'orrery-snippets-highlight';

export interface ICodeProps {
  cell: SnippetCell;
  language: string;
  syntax: Syntax;
}

/** What a variable stands for is known where the snippet is inserted; until then its default or its name is shown. */
const nameAsValue: Resolve = (name, hasDefault) =>
  hasDefault || !VARIABLES.has(name) ? undefined : `$${name}`;

/** The code of one cell, with its tab stops marked. */
export function Code({ cell, language, syntax }: ICodeProps): JSX.Element {
  const { code, trans } = useSnippets();
  const { languages } = code;
  const host = useRef<HTMLPreElement>(null);
  const [isUnexpanded, setUnexpanded] = useState(false);
  useEffect(() => {
    let isCurrent = true;
    const expansion: IExpansion =
      syntax === 'vscode'
        ? expand(cell.source, nameAsValue)
        : { text: cell.source, stops: [] };
    const { text, stops } = expansion;
    setUnexpanded(expansion.isUnexpanded === true);
    const shown = text.slice(0, MOST_CHARACTERS);
    const drawn = document.createElement('span');
    void colour(shown, nameOf(cell, language), drawn, languages).then(() => {
      if (isCurrent && host.current) {
        markStops(drawn, stops);
        host.current.replaceChildren(drawn, text.length > shown.length ? '\n…' : '');
      }
    });
    return () => {
      isCurrent = false;
    };
  }, [cell.kind, cell.source, language, syntax, languages]);
  return (
    <>
      {isUnexpanded && (
        <p className="orrery-quiet" role="note">
          {unexpandedReason(trans)}
        </p>
      )}
      <pre
        ref={host}
        className="orrery-snippets-code"
        data-kind={cell.kind}
        tabIndex={0}
        aria-label={cell.kind === 'markdown' ? trans.__('Text') : trans.__('Code')}
      />
    </>
  );
}

/** The language in which a cell of a snippet is written. */
export function nameOf(cell: SnippetCell, language: string): string {
  if (cell.kind === 'markdown') {
    return 'markdown';
  }
  return cell.kind === 'raw' ? 'text' : language;
}

async function colour(
  text: string,
  language: string,
  host: HTMLElement,
  languages: IEditorLanguageRegistry | null
): Promise<void> {
  ensureStyle();
  const known = languages?.findBest(language) ?? null;
  if (!languages || !known) {
    host.textContent = text;
    return;
  }
  try {
    await languages.highlight(text, known, host);
  } catch {
    // A parser that could not be loaded must not hide the code.
    host.textContent = text;
  }
}

/** Before the first editor is open, nothing has given the page the colours of code. */
function ensureStyle(): void {
  if (document.getElementById(STYLE_ID) || !jupyterHighlightStyle.module) {
    return;
  }
  const style = document.createElement('style');
  style.id = STYLE_ID;
  style.textContent = jupyterHighlightStyle.module.getRules();
  document.head.append(style);
}

/** Put a mark around every place of every tab stop. */
function markStops(host: HTMLElement, stops: readonly IStop[]): void {
  for (const stop of stops) {
    for (const { from, to } of stop.ranges) {
      if (to > from) {
        markRange(host, from, to, stop.n);
      }
    }
  }
}

function markRange(host: HTMLElement, from: number, to: number, n: number): void {
  const walker = document.createTreeWalker(host, NodeFilter.SHOW_TEXT);
  const parts: [Text, number, number][] = [];
  let offset = 0;
  while (walker.nextNode()) {
    const node = walker.currentNode as Text;
    const [start, end] = [
      Math.max(from - offset, 0),
      Math.min(to - offset, node.length)
    ];
    if (start < end) {
      parts.push([node, start, end]);
    }
    offset += node.length;
  }
  for (const [node, start, end] of parts) {
    const range = document.createRange();
    range.setStart(node, start);
    range.setEnd(node, end);
    const mark = document.createElement('mark');
    mark.className = 'orrery-snippets-stop';
    mark.title = `$${n}`;
    range.surroundContents(mark);
  }
}
