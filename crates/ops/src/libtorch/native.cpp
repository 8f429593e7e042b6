// The libtorch half of the fast operations: libtorch's own convolution kernels with their gradients,
// and batch normalisation + leaky ReLU in one pass less than libtorch's separate operations need.
//
// Every function returns 0, or 1 with the reason in resgan_error(): no exception crosses into Rust.
// Results are new tensors that the caller owns. Tensors are single precision, on the processor.

#include <array>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include <ATen/Parallel.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/_fused_adam.h>
#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/convolution.h>
#include <ATen/ops/convolution_backward.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/leaky_relu.h>
#include <ATen/ops/leaky_relu_backward.h>

// One clone of each loop per instruction set; the loader picks.
#if defined(__x86_64__) && defined(__linux__) && defined(__GNUC__) && !defined(__clang__)
#define EACH_CPU __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define EACH_CPU
#endif

using at::Tensor;
using Reference = const Tensor*;

namespace {

thread_local std::string error;

template <typename Work>
int guarded(const Work& work) {
  try {
    // The graph is burn's: libtorch need not look for one.
    at::AutoDispatchBelowADInplaceOrView no_graph;
    work();
    return 0;
  } catch (const std::exception& e) {
    error = e.what();
    return 1;
  }
}

Tensor* own(Tensor tensor) { return new Tensor(std::move(tensor)); }

constexpr auto CHANNELS_LAST = at::MemoryFormat::ChannelsLast;

// Channels-last images save oneDNN two rearrangements per convolution.
Tensor image(const Tensor& x) { return x.contiguous(CHANNELS_LAST); }

bool is_channels_last(const Tensor& x) { return x.is_contiguous(CHANNELS_LAST); }

// ------------------------------------------------------------------ batch normalisation, leaky ReLU

// A run of `rows` times up to LANES numbers, `stride` apart: pixels of sixteen channels where
// channels lie side by side, sixteen pixels of one channel where they do not.
constexpr int LANES = 16;

struct Lanes {
  float mean[LANES], scale[LANES], shift[LANES];
  float a[LANES], b[LANES], c[LANES];
};

struct Sums {
  float first[LANES] = {}, second[LANES] = {};
};

// The same expression everywhere: backward must find the signs that forward saw.
#define NORMAL(l) ((x[l] - p.mean[l]) * p.scale[l] + p.shift[l])
#define EACH_LANE for (int l = 0; l < n; l++)

template <int N>
inline __attribute__((always_inline)) void deviations(const float* x, int64_t rows, int64_t stride, int lanes,
                                                      const Lanes& p, Sums& sums) {
  const int n = N ? N : lanes;
  Sums s = sums;
  for (; rows > 0; rows--, x += stride) EACH_LANE {
      const float deviation = x[l] - p.mean[l];
      s.first[l] += deviation;
      s.second[l] += deviation * deviation;
    }
  sums = s;
}

template <int N>
inline __attribute__((always_inline)) void apply(const float* x, float* y, int64_t rows, int64_t stride, int lanes,
                                                 const Lanes& p, float slope) {
  const int n = N ? N : lanes;
  for (; rows > 0; rows--, x += stride, y += stride) EACH_LANE {
      const float normal = NORMAL(l);
      y[l] = normal > 0 ? normal : normal * slope;
    }
}

template <int N>
inline __attribute__((always_inline)) void moments(const float* x, const float* dy, int64_t rows, int64_t stride,
                                                   int lanes, const Lanes& p, float slope, Sums& sums) {
  const int n = N ? N : lanes;
  Sums s = sums;
  for (; rows > 0; rows--, x += stride, dy += stride) EACH_LANE {
      const float g = NORMAL(l) > 0 ? dy[l] : dy[l] * slope;
      s.first[l] += g;
      s.second[l] += g * (x[l] - p.mean[l]);
    }
  sums = s;
}

template <int N>
inline __attribute__((always_inline)) void input_gradient(const float* x, const float* dy, float* dx, int64_t rows,
                                                          int64_t stride, int lanes, const Lanes& p, float slope) {
  const int n = N ? N : lanes;
  for (; rows > 0; rows--, x += stride, dy += stride, dx += stride) EACH_LANE {
      const float g = NORMAL(l) > 0 ? dy[l] : dy[l] * slope;
      dx[l] = p.a[l] * g + (p.b[l] * (x[l] - p.mean[l]) + p.c[l]);
    }
}

#define LANE_LOOP(name, parameters, arguments)                              \
  EACH_CPU void name##_all parameters { name<LANES> arguments; }            \
  void name##_run parameters {                                              \
    if (lanes == LANES) name##_all arguments; else name<0> arguments;       \
  }

LANE_LOOP(deviations, (const float* x, int64_t rows, int64_t stride, int lanes, const Lanes& p, Sums& sums),
          (x, rows, stride, lanes, p, sums))
LANE_LOOP(apply, (const float* x, float* y, int64_t rows, int64_t stride, int lanes, const Lanes& p, float slope),
          (x, y, rows, stride, lanes, p, slope))
LANE_LOOP(moments,
          (const float* x, const float* dy, int64_t rows, int64_t stride, int lanes, const Lanes& p, float slope,
           Sums& sums),
          (x, dy, rows, stride, lanes, p, slope, sums))
LANE_LOOP(input_gradient,
          (const float* x, const float* dy, float* dx, int64_t rows, int64_t stride, int lanes, const Lanes& p,
           float slope),
          (x, dy, dx, rows, stride, lanes, p, slope))

// How a batch lies in memory, cut into pieces of at most LANES lanes by BLOCK rows.
struct Layout {
  int64_t images, channels, pixels;
  bool last;

  explicit Layout(const Tensor& x)
      : images(x.size(0)), channels(x.size(1)), pixels(x.size(2) * x.size(3)), last(is_channels_last(x)) {}

  double count() const { return double(images) * double(pixels); }

  // What one task works through: a share of the pixels of all channels, or whole channels.
  int64_t tasks() const { return last ? std::min<int64_t>(at::get_num_threads(), images * pixels) : channels; }

  // Calls visit(channel, offset, rows, stride, lanes) for every piece of a task.
  template <typename Visit>
  void pieces(int64_t task, const Visit& visit) const {
    constexpr int64_t BLOCK = 512;
    if (last) {
      const int64_t rows = images * pixels, tasks = this->tasks();
      const int64_t end = rows * (task + 1) / tasks;
      for (int64_t row = rows * task / tasks; row < end; row += BLOCK) {
        for (int64_t channel = 0; channel < channels; channel += LANES) {
          const int lanes = int(std::min<int64_t>(LANES, channels - channel));
          visit(channel, row * channels + channel, std::min(BLOCK, end - row), channels, lanes);
        }
      }
    } else {
      for (int64_t index = 0; index < images; index++) {
        const int64_t start = (index * channels + task) * pixels, full = pixels / LANES;
        for (int64_t row = 0; row < full; row += BLOCK) {
          visit(task, start + row * LANES, std::min(BLOCK, full - row), LANES, LANES);
        }
        if (pixels % LANES) visit(task, start + full * LANES, 1, LANES, int(pixels % LANES));
      }
    }
  }

  // Runs work(task) on libtorch's threads.
  template <typename Work>
  void parallel(const Work& work) const {
    at::parallel_for(0, tasks(), 1, [&](int64_t begin, int64_t end) {
      for (int64_t task = begin; task < end; task++) work(task);
    });
  }

  // The sums of two quantities per channel, added up in an order that the number of tasks fixes.
  template <typename Measure>
  std::array<std::vector<double>, 2> sums(const Measure& measure) const {
    const int64_t parts = last ? tasks() : 1;
    std::vector<double> partial(2 * parts * channels, 0.0);
    parallel([&](int64_t task) {
      double* first = partial.data() + (last ? task : 0) * 2 * channels;
      pieces(task, [&](int64_t channel, int64_t at, int64_t rows, int64_t stride, int lanes) {
        Sums sums;
        measure(channel, at, rows, stride, lanes, sums);
        for (int lane = 0; lane < lanes; lane++) {
          const int64_t to = channel + (last ? lane : 0);
          first[to] += sums.first[lane];
          first[channels + to] += sums.second[lane];
        }
      });
    });
    std::array<std::vector<double>, 2> total;
    for (int which = 0; which < 2; which++) {
      total[which].assign(channels, 0.0);
      for (int64_t part = 0; part < parts; part++) {
        for (int64_t c = 0; c < channels; c++) total[which][c] += partial[(2 * part + which) * channels + c];
      }
    }
    return total;
  }
};

// Constants of each channel.
struct Channel {
  float mean, scale, shift, a, b, c;
};

Lanes lanes_of(const std::vector<Channel>& channels, int64_t channel, int lanes, bool last) {
  Lanes p;
  for (int lane = 0; lane < LANES; lane++) {
    const Channel& k = channels[last ? channel + std::min(lane, lanes - 1) : channel];
    p.mean[lane] = k.mean, p.scale[lane] = k.scale, p.shift[lane] = k.shift;
    p.a[lane] = k.a, p.b[lane] = k.b, p.c[lane] = k.c;
  }
  return p;
}

void apply_all_pieces(const Layout& layout, const std::vector<Channel>& channels, const float* from, float* to,
                      float slope) {
  layout.parallel([&](int64_t task) {
    layout.pieces(task, [&](int64_t channel, int64_t at, int64_t rows, int64_t stride, int lanes) {
      apply_run(from + at, to + at, rows, stride, lanes, lanes_of(channels, channel, lanes, layout.last), slope);
    });
  });
}

double inverse_deviation(float variance, double eps) { return 1.0 / std::sqrt(double(variance) + eps); }

Tensor vector(int64_t length) { return at::empty({length}, at::TensorOptions().dtype(at::kFloat)); }

// Channels-last if it is so already, dense otherwise.
Tensor dense(const Tensor& x) { return is_channels_last(x) ? x : x.contiguous(); }

}  // namespace

extern "C" {

const char* resgan_error() { return error.c_str(); }

// As in `mod.rs`.
struct Convolution {
  int64_t stride, top, left, bottom, right;
  // Transposed convolutions: what is added to the output's lower and right side.
  int64_t out_rows, out_columns;
  int32_t transposed;
  // What is multiplied: 0 single precision, 1 bfloat16, 2 half precision.
  int32_t precision;
};

}  // extern "C"

namespace {

// Uneven padding is not libtorch's: the larger of both sides goes on both, and what is too much of
// the output is cut off, which costs less than copying the input. Needs stride 1; other strides pad
// a copy of the input.
struct Plan {
  std::vector<int64_t> stride, padding, out;
  int64_t cut_rows, cut_columns;
  bool pad_copy, transposed;

  explicit Plan(const Convolution& c) : stride{c.stride, c.stride}, cut_rows(0), cut_columns(0) {
    transposed = c.transposed;
    out = {c.out_rows, c.out_columns};
    const bool even = c.top == c.bottom && c.left == c.right;
    pad_copy = !even && c.stride != 1;
    if (pad_copy) {
      padding = {0, 0};
    } else {
      padding = {std::max(c.top, c.bottom), std::max(c.left, c.right)};
      cut_rows = padding[0] - c.top, cut_columns = padding[1] - c.left;
    }
  }

  bool cuts() const { return !pad_copy && !transposed; }
};

Tensor reduced(const Tensor& x, const Convolution& c) {
  return c.precision == 0 ? x : x.to(c.precision == 1 ? at::kBFloat16 : at::kHalf);
}

std::vector<int64_t> around(const Convolution& c, int64_t sign) {
  return {sign * c.left, sign * c.right, sign * c.top, sign * c.bottom};
}

}  // namespace

extern "C" {

int resgan_convolution(Reference x, Reference weight, Reference bias, const Convolution* c, Tensor** y) {
  return guarded([&] {
    const Plan plan(*c);
    Tensor input = plan.pad_copy ? at::constant_pad_nd(image(*x), around(*c, 1)) : image(*x);
    std::optional<Tensor> b;
    if (bias) b = reduced(*bias, *c);
    Tensor output = at::convolution(reduced(input, *c), reduced(*weight, *c), b, plan.stride, plan.padding, {1, 1},
                                    plan.transposed, plan.out, 1);
    if (plan.cuts() && (c->top != c->bottom || c->left != c->right)) {
      const int64_t rows = x->size(2) + c->top + c->bottom - weight->size(2) + 1;
      const int64_t columns = x->size(3) + c->left + c->right - weight->size(3) + 1;
      output = image(output.narrow(2, plan.cut_rows, rows).narrow(3, plan.cut_columns, columns));
    }
    *y = own(output.to(at::kFloat));
  });
}

// Gradients that are not wanted stay null.
int resgan_convolution_backward(Reference dy, Reference x, Reference weight, const Convolution* c,
                                int32_t want_x, int32_t want_weight, int32_t want_bias, Tensor** out) {
  return guarded([&] {
    const Plan plan(*c);
    Tensor input = plan.pad_copy ? at::constant_pad_nd(image(*x), around(*c, 1)) : image(*x);
    Tensor gradient = image(*dy);
    if (plan.cuts() && (c->top != c->bottom || c->left != c->right)) {
      const int64_t rows = x->size(2) + 2 * plan.padding[0] - weight->size(2) + 1;
      const int64_t columns = x->size(3) + 2 * plan.padding[1] - weight->size(3) + 1;
      gradient = at::constant_pad_nd(gradient, {plan.cut_columns, columns - dy->size(3) - plan.cut_columns,
                                                plan.cut_rows, rows - dy->size(2) - plan.cut_rows});
    }
    const std::array<int64_t, 1> channels{c->transposed ? weight->size(1) : weight->size(0)};
    auto [dx, dw, db] = at::convolution_backward(
        reduced(gradient, *c), reduced(input, *c), reduced(*weight, *c), at::IntArrayRef(channels), plan.stride, plan.padding, {1, 1}, plan.transposed,
        plan.out, 1, {bool(want_x), bool(want_weight), bool(want_bias)});
    if (want_x) out[0] = own((plan.pad_copy ? at::constant_pad_nd(dx, around(*c, -1)) : dx).to(at::kFloat));
    if (want_weight) out[1] = own(dw.to(at::kFloat).contiguous());
    if (want_bias) out[2] = own(db.to(at::kFloat));
  });
}

// leaky_relu((x - mean) / sqrt(variance + eps) * gamma + beta); mean and biased variance of the batch.
int resgan_norm(Reference x_, Reference gamma_, Reference beta_, double eps, double slope, Tensor** y_,
                Tensor** mean_, Tensor** variance_) {
  return guarded([&] {
    const Tensor x = dense(*x_), gamma = gamma_->contiguous(), beta = beta_->contiguous();
    const Layout layout(x);
    Tensor y = at::empty_like(x), mean = vector(layout.channels), variance = vector(layout.channels);
    const float* from = x.const_data_ptr<float>();
    std::vector<Channel> channels(layout.channels);
    // Deviations from the first pixel: near enough to the mean that no digit is lost.
    for (int64_t c = 0; c < layout.channels; c++) channels[c] = {from[layout.last ? c : c * layout.pixels]};
    const auto [first, second] = layout.sums([&](int64_t channel, int64_t at, int64_t rows, int64_t stride,
                                                 int lanes, Sums& sums) {
      deviations_run(from + at, rows, stride, lanes, lanes_of(channels, channel, lanes, layout.last), sums);
    });
    for (int64_t c = 0; c < layout.channels; c++) {
      const double offset = first[c] / layout.count();
      const float m = float(channels[c].mean + offset);
      const float v = float(std::max(second[c] / layout.count() - offset * offset, 0.0));
      mean.mutable_data_ptr<float>()[c] = m;
      variance.mutable_data_ptr<float>()[c] = v;
      const double scale = gamma.const_data_ptr<float>()[c] * inverse_deviation(v, eps);
      channels[c] = {m, float(scale), beta.const_data_ptr<float>()[c]};
    }
    apply_all_pieces(layout, channels, from, y.mutable_data_ptr<float>(), float(slope));
    *y_ = own(y), *mean_ = own(mean), *variance_ = own(variance);
  });
}

int resgan_norm_backward(Reference dy_, Reference x_, Reference gamma_, Reference beta_, Reference mean_,
                         Reference variance_, double eps, double slope, int32_t want_x, Tensor** out) {
  return guarded([&] {
    const Tensor x = dense(*x_), gamma = gamma_->contiguous(), beta = beta_->contiguous();
    const Tensor mean = mean_->contiguous(), variance = variance_->contiguous();
    const Layout layout(x);
    const Tensor dy = dy_->contiguous(layout.last ? CHANNELS_LAST : at::MemoryFormat::Contiguous);
    const float *from = x.const_data_ptr<float>(), *upper = dy.const_data_ptr<float>();
    std::vector<Channel> channels(layout.channels);
    for (int64_t c = 0; c < layout.channels; c++) {
      const double scale =
          gamma.const_data_ptr<float>()[c] * inverse_deviation(variance.const_data_ptr<float>()[c], eps);
      channels[c] = {mean.const_data_ptr<float>()[c], float(scale), beta.const_data_ptr<float>()[c]};
    }
    const auto [total, moment] = layout.sums([&](int64_t channel, int64_t at, int64_t rows, int64_t stride,
                                                 int lanes, Sums& sums) {
      moments_run(from + at, upper + at, rows, stride, lanes, lanes_of(channels, channel, lanes, layout.last),
                  float(slope), sums);
    });
    Tensor dgamma = vector(layout.channels), dbeta = vector(layout.channels);
    for (int64_t c = 0; c < layout.channels; c++) {
      const double inverse = inverse_deviation(variance.const_data_ptr<float>()[c], eps);
      dgamma.mutable_data_ptr<float>()[c] = float(moment[c] * inverse);
      dbeta.mutable_data_ptr<float>()[c] = float(total[c]);
      // dx = scale * (g - mean(g) - normal * mean(g * normal)) = a * g + b * (x - mean) + c
      const double a = gamma.const_data_ptr<float>()[c] * inverse;
      channels[c].a = float(a);
      channels[c].b = float(-a * moment[c] * inverse * inverse / layout.count());
      channels[c].c = float(-a * total[c] / layout.count());
    }
    if (want_x) {
      Tensor dx = at::empty_like(x);
      float* to = dx.mutable_data_ptr<float>();
      layout.parallel([&](int64_t task) {
        layout.pieces(task, [&](int64_t channel, int64_t at, int64_t rows, int64_t stride, int lanes) {
          input_gradient_run(from + at, upper + at, to + at, rows, stride, lanes,
                             lanes_of(channels, channel, lanes, layout.last), float(slope));
        });
      });
      out[0] = own(dx);
    }
    out[1] = own(dgamma), out[2] = own(dbeta);
  });
}

// leaky_relu(x * scale + shift), channel by channel.
int resgan_scale_shift(Reference x_, Reference scale_, Reference shift_, double slope, Tensor** y_) {
  return guarded([&] {
    const Tensor x = dense(*x_), scale = scale_->contiguous(), shift = shift_->contiguous();
    const Layout layout(x);
    std::vector<Channel> channels(layout.channels);
    for (int64_t c = 0; c < layout.channels; c++) {
      channels[c] = {0, scale.const_data_ptr<float>()[c], shift.const_data_ptr<float>()[c]};
    }
    Tensor y = at::empty_like(x);
    apply_all_pieces(layout, channels, x.const_data_ptr<float>(), y.mutable_data_ptr<float>(), float(slope));
    *y_ = own(y);
  });
}

int resgan_leaky_relu(Reference x, double slope, Tensor** y) {
  return guarded([&] { *y = own(at::leaky_relu(*x, slope)); });
}

// `y` is the output, which has its input's sign.
int resgan_leaky_relu_backward(Reference dy, Reference y, double slope, Tensor** dx) {
  return guarded([&] { *dx = own(at::leaky_relu_backward(*dy, *y, slope, true)); });
}

// In place: parameter and both moments. `step` counts from 1.
int resgan_adam(const Tensor* parameter, Reference gradient, const Tensor* first, const Tensor* second, double step,
                double rate, double beta1, double beta2, double epsilon) {
  return guarded([&] {
    Tensor steps = at::empty({}, at::TensorOptions().dtype(at::kFloat));
    *steps.mutable_data_ptr<float>() = float(step);
    at::_fused_adam_({*parameter}, {gradient->contiguous()}, {*first}, {*second}, {}, {steps}, rate, beta1, beta2,
                     0.0, epsilon, false, false);
  });
}

}  // extern "C"
