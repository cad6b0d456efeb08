/** Set by build.mjs: true in liveinsight.js, false in liveinsight-core.js, which leaves out what this guards. */
declare const FULL: boolean;
