/**
 * What a button does at once: the message says that it is done, or why it is not.
 */
import { asError } from './aserror';
import { useAdmin } from './context';

/** Run some work; what it answers is shown as its success, and a failure as such. */
export type Act = (work: () => Promise<string | void>) => void;

export function useAct(): Act {
  const { toasts } = useAdmin();
  return work => {
    work().then(
      text => text && toasts.info(text),
      (error: unknown) => toasts.error(asError(error))
    );
  };
}
