import eda from './eda/index';
import projects from './projects/index';
import snippets from './snippets/index';

export default [...eda, ...projects, ...snippets];
