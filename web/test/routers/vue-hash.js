import { createWebHashHistory } from "vue-router";
import { start } from "./vue.js";

start(createWebHashHistory());
