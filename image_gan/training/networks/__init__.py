"""The networks, in keras.ops: short functions that read like the figure. Pictures are NHWC, RGB, float32 from 0 to 1."""
