import compute from './compute/index';
import eda from './eda/index';
import projects from './projects/index';
import snippets from './snippets/index';

export default [...compute, ...eda, ...projects, ...snippets];
