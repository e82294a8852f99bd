// Package table folds many matches into competitions: league tables, groups,
// rankings across groups, brackets by reference, and festival ladders.
//
// Like the fold of a match it is pure, and the rules of a competition are data
// ([Rules]): what its list of criteria cannot split stays tied until a ruling
// says otherwise. Nothing here knows a particular league.
package table
