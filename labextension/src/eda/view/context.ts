/**
 * What the parts of the tab have in common.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import {
  createContext,
  useContext,
  useEffect,
  useLayoutEffect,
  useReducer,
  useRef,
  useState
} from 'react';

import { useSignal } from '../../base/hooks';
import type { IViewOptions } from './options';
import type { RunModel } from './run';
import type { ILabels } from './labels';
import type { CodeRequest } from './codeinsert';

/** What every part of the tab may use. */
export interface IView {
  readonly model: RunModel;
  readonly options: IViewOptions;
  readonly trans: TranslationBundle;
  readonly labels: ILabels;
  /** Put code for something into the notebook. */
  insert(request: CodeRequest): void;
  /** The name of the column that was asked for last. */
  readonly opened: string | null;
  /** Show another section. */
  show(section: string): void;
  /** Show everything that is known of a column. */
  openColumn(name: string): void;
}

/** Hands the view to its parts. */
export const ViewContext = createContext<IView | null>(null);

/** The view that a part belongs to. */
export function useView(): IView {
  return useContext(ViewContext)!;
}

/** What a question is answered with; asked again when `keys` change, and by `retry`. */
export interface IAnswer<T> {
  value: T | null;
  error: unknown;
  retry: () => void;
}

/** Ask for something; the last answer stays while the next is on the way. */
export function useAnswer<T>(
  ask: () => Promise<T>,
  keys: readonly unknown[]
): IAnswer<T> {
  const [value, setValue] = useState<T | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [turn, retry] = useReducer((before: number) => before + 1, 0);
  useEffect(() => {
    let current = true;
    ask().then(
      answer => {
        if (current) {
          setValue(() => answer);
          setError(null);
        }
      },
      (reason: unknown) => {
        if (current) {
          setError(reason);
        }
      }
    );
    return () => {
      current = false;
    };
  }, [...keys, turn]);
  return { value, error, retry };
}

/** The width of a node, in pixels. */
export function useWidth<T extends HTMLElement>(): [React.RefObject<T>, number] {
  const node = useRef<T>(null);
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    if (!node.current || typeof ResizeObserver === 'undefined') {
      return;
    }
    const observer = new ResizeObserver(([entry]) =>
      setWidth(Math.round(entry.contentRect.width))
    );
    observer.observe(node.current);
    return () => observer.disconnect();
  }, []);
  return [node, width];
}

/** See to it that the columns that are named here are known; drawn again when they are. */
export function useNames(indices: readonly number[]): void {
  const { model } = useView();
  useSignal(model.columns.changed);
  const missing = indices.filter(index => !model.knows(index));
  useEffect(() => {
    void model.columns.know(missing);
  }, [missing.join()]);
}
