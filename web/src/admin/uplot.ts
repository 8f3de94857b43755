/* The drawing of charts, a file of its own: fetched when the first chart is shown. */

import uPlot from 'uplot';

export default uPlot;
