// hiredis 0.14 or newer. Only the reply reader and the command formatter are used; NIO owns the sockets.
#include <hiredis/hiredis.h>
#include <hiredis/read.h>
