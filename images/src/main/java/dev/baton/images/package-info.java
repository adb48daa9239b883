/** Image formats read and written: what a file is, where its bytes go, where it is entered, which names its addresses have. */
package dev.baton.images;
