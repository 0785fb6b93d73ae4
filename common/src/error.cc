#include "jobwire/error.h"
