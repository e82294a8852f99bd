// Package openfootball reads files of openfootball: fixtures and scores, no cards.
//
// Its files have had several shapes; all of those it has seen are read: lines of
// football.txt, or JSON with matches in one list or by rounds, teams as names or as {name,
// code}, scores as {ft, et, p}, as a pair, or as score1 and score2. What a match is for is told from its group, its round
// and who meets whom: see [Match]. It takes nothing for a result that was postponed,
// broken off or called off.
//
// The package is pure: bytes in, matches out.
package openfootball
