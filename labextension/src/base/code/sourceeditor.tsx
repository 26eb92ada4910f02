/**
 * One of the lab's own editors in a form.
 */
import { CodeEditor } from '@jupyterlab/codeeditor';
import React, { useEffect, useRef } from 'react';

import type { ICodeTools } from './tools';

export interface ISourceEditorProps {
  tools: ICodeTools;
  /** What is written in it, for screen readers. */
  label: string;
  source: string;
  language: string;
  onChange: (source: string) => void;
}

/** An editor whose text follows `source` and is told to `onChange`. */
export function SourceEditor(props: ISourceEditorProps): JSX.Element {
  const { editors, languages } = props.tools;
  const host = useRef<HTMLDivElement>(null);
  const model = useRef<CodeEditor.Model | null>(null);
  const onChange = useRef(props.onChange);
  onChange.current = props.onChange;
  useEffect(() => {
    const own = new CodeEditor.Model();
    own.sharedModel.setSource(props.source);
    model.current = own;
    const editor = editors.factoryService.newInlineEditor({
      host: host.current!,
      model: own,
      config: { lineNumbers: true, lineWrap: false }
    });
    editor.host.querySelector('.cm-content')?.setAttribute('aria-label', props.label);
    const changed = (): void => onChange.current(own.sharedModel.getSource());
    own.sharedModel.changed.connect(changed);
    return () => {
      own.sharedModel.changed.disconnect(changed);
      editor.dispose();
      own.dispose();
      model.current = null;
    };
  }, [editors]);
  useEffect(() => {
    // Only what came from elsewhere: a cell that was moved, a version that was taken over.
    if (model.current && model.current.sharedModel.getSource() !== props.source) {
      model.current.sharedModel.setSource(props.source);
    }
  }, [props.source]);
  useEffect(() => {
    if (model.current) {
      const mime = languages?.findBest(props.language)?.mime;
      model.current.mimeType =
        (typeof mime === 'string' ? mime : mime?.[0]) ?? 'text/plain';
    }
  }, [props.language, languages]);
  return <div ref={host} className="orrery-source jp-InputArea-editor" />;
}
