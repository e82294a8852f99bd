// Command bench measures how events reach many browsers: a touchline node beside
// servers that others use for it, each with an equally durable handler (append and
// sync before anything is told). It is a module of its own, so that its peers are
// none of touchline's dependencies.
//
// One process plays all browsers with one thread. It shares the machine with the
// server, so absolute times say little; ratios within one run do.
package main
